// SPDX-License-Identifier: Apache-2.0

extension TransferFailure {
    /// The failure that an unusable URL means.
    public init(_ error: HTTPURLError) {
        if case .unsupportedScheme = error {
            self.init(.unsupportedScheme, error.message)
        } else {
            self.init(.badURL, error.message)
        }
    }
}
