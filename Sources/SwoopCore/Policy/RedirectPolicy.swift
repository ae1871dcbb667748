// SPDX-License-Identifier: Apache-2.0

/// Decides where a redirect leads, and refuses the dangerous ones.
///
/// Source: RFC 9110 section 15.4. That credentials stay with their origin is ``ExchangeRequest/isTrusted``'s business.
public enum RedirectPolicy {
    /// Redirects followed for one request before it is called a loop.
    public static let maximumRedirects = 20

    /// Resolves a redirect.
    ///
    /// - Parameters:
    ///   - location: the Location field, absolute or relative.
    ///   - current: the URL that redirected.
    ///   - count: redirects followed before this one.
    /// - Returns: the next URL, or why it is not followed.
    public static func follow(
        _ location: String,
        from current: HTTPURL,
        count: Int
    ) -> Result<HTTPURL, TransferFailure> {
        guard count < maximumRedirects else {
            return refuse("more than \(maximumRedirects) redirects: the origin redirects in a loop")
        }
        guard let next = current.resolve(location) else {
            return refuse("the origin redirects to something that is no http or https URL")
        }
        if current.scheme == "https", next.scheme == "http" {
            return refuse("the origin redirects from https to plain http (\(next.origin)), which anyone could read")
        }
        return .success(next)
    }

    private static func refuse(_ message: String) -> Result<HTTPURL, TransferFailure> {
        .failure(TransferFailure(.redirectRefused, message))
    }
}
