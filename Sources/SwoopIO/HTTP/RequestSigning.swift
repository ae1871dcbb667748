// SPDX-License-Identifier: Apache-2.0

public import SwoopCore

/// Proves to an origin who asks, anew for each request: stores want a signature with the time in it.
public protocol RequestSigning: Sendable {
    /// The fields that a request is sent with besides its own. Called on the transfer's event loop; must not block.
    func fields(for message: HTTPMessage) -> HeaderFields
}
