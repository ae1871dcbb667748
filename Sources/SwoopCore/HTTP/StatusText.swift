// SPDX-License-Identifier: Apache-2.0

/// Says in words what an error status means and what to do about it.
enum StatusText {
    static func explain(_ status: Int) -> String {
        switch status {
        case 401: "the origin wants a login (401): give one with -u USER:PASSWORD"
        case 403: "the origin forbids it (403): check the URL, its expiry and your login"
        case 404: "the origin has no such file (404): check the URL"
        case 407: "the proxy wants a login (407)"
        case 408: "the origin gave up waiting (408): try again later"
        case 410: "the file is gone for good (410)"
        case 429: "the origin says too many requests (429): try again later, with fewer connections"
        case 500: "the origin failed (500): try again later"
        case 502, 504: "a proxy could not reach the origin (\(status)): try again later"
        case 503: "the origin is busy (503): try again later"
        case 400..<500: "the origin refused the request (\(status)): check the URL"
        case 500..<600: "the origin failed (\(status)): try again later"
        default: "the origin answered \(status), which Swoop does not understand here"
        }
    }
}
