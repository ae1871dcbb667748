// SPDX-License-Identifier: Apache-2.0

/// URLs as people type them, references as origins send them, and what may be printed of either.
enum URLTarget {
    static func run(_ input: FuzzInput) {
        let text = input.text
        guard !Common.contains(text, Common.secret) else { return }
        if let url = try? HTTPURL.parse(text) {
            checkURL(url)
            checkIdentity(url)
            ContentDispositionTarget.checkSafe(FileName.from(url: url))
        }
        checkReference(text)
        checkMessage("https://u:\(Common.secret)@" + text)
        checkPassword(text)
        checkQuery(text)
        check(Common.isPrintable(Redaction.url(text)), "redaction/control", text)
    }

    /// Nothing in it can end a request line, and its text reads the same.
    static func checkURL(_ url: HTTPURL) {
        check(url.scheme == "http" || url.scheme == "https", "url/scheme", url.text)
        check((1...65_535).contains(url.port), "url/port", url.text)
        let isHost = url.host.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "-._:".utf8.contains($0) }
        check(!url.host.isEmpty && isHost && ASCII.lowercased(url.host) == url.host, "url/host", url.text)
        check(url.path.utf8.first == UInt8(ascii: "/"), "url/path", url.text)
        check(url.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "url/printable", url.text)
        guard let again = try? HTTPURL.parse(url.text) else { return check(false, "url/fixpoint", url.text) }
        check(again.text == url.text && again.origin == url.origin, "url/fixpoint", url.text)
        check(again.path == url.path && again.query == url.query, "url/fixpoint", url.text)
        check(again.redacted == url.redacted && "\(url)" == url.redacted, "url/redacted", url.text)
    }

    /// A journal's identity of a URL is recognised after it has been on the disk.
    private static func checkIdentity(_ url: HTTPURL) {
        let identity = JournalIdentity(url: url, representation: Representation(length: 1))
        guard let identity else { return check(false, "url/identity", url.text) }
        let line = JournalCodec.encode(.identity(identity))
        guard case .identity(let read)? = JournalCodec.decode(line.dropLast()) else {
            return check(false, "url/identity", url.text)
        }
        check(read == identity && read.belongs(to: url), "url/identity", url.text)
    }

    /// An origin's reference never brings a login, nor dot segments that a server could take for another path.
    private static func checkReference(_ text: String) {
        guard let base = try? HTTPURL.parse("https://user:password@example.org:8443/a/b?c=d") else { return }
        guard let url = base.resolve(text) else { return }
        checkURL(url)
        check(url.user == nil && url.password == nil, "url/inherited", url.text)
        let segments = url.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        check(!segments.contains { [".", ".."].contains(Substring($0)) }, "url/dots", url.text)
        ContentDispositionTarget.checkSafe(FileName.from(url: url))
    }

    /// Neither the printed URL nor the message of a refusal shows the password.
    private static func checkMessage(_ text: String) {
        do throws(HTTPURLError) {
            let url = try HTTPURL.parse(text)
            check(!Common.contains(url.redacted, Common.secret), "url/secret", url.redacted)
        } catch {
            check(!Common.contains(error.message, Common.secret), "url/message", error.message)
        }
        check(!Common.contains(Redaction.url(text), Common.secret), "redaction/password", text)
    }

    /// A password with anything behind it, up to the last at sign, is not printed, be the URL refused or not.
    private static func checkPassword(_ text: String) {
        let url = "https://u:\(Common.secret)" + text + "@example.org/"
        check(!Common.contains(Redaction.url(url), Common.secret), "redaction/password", url)
    }

    /// The value of a query's parameter is not printed: of a URL, of a reference, of what is neither.
    private static func checkQuery(_ text: String) {
        for start in ["https://example.org/", "//example.org/", "/dir/", "file", "ftp://example.org/"] {
            let reference = start + "?" + text + "=\(Common.secret)"
            check(!Common.contains(Redaction.url(reference), Common.secret), "redaction/query", reference)
        }
    }
}
