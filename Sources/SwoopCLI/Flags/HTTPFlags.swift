// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopIO

/// What requests say besides, on the command line.
struct HTTPFlags: ParsableArguments {
    @Option(
        name: [.customShort("H", allowingJoined: true), .long],
        parsing: .unconditionalSingleValue,
        help: .init(
            "Sent to the URL's own origin only, never across a redirect to another one. (repeatable)",
            valueName: "'name: value'"
        )
    )
    var header: [String] = []

    @Option(
        parsing: .unconditional,
        help: .init("Value of the User-Agent field.", valueName: "text"),
        transform: ArgumentValue.fieldValue
    )
    var userAgent: String?

    @Option(
        parsing: .unconditional,
        help: .init("Value of the Referer field.", valueName: "url"),
        transform: ArgumentValue.fieldValue
    )
    var referer: String?

    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        parsing: .unconditional,
        help: .init("Name and password for HTTP Basic, for the URL's own origin only.", valueName: "name:password")
    )
    var user: String?

    @Flag(name: .shortAndLong, help: "Take names and passwords from ~/.netrc, or from the file that $NETRC names.")
    var netrc = false

    @Option(
        help: .init("Take them from this file.", valueName: "file"),
        transform: ArgumentValue.nonEmpty
    )
    var netrcFile: String?

    @Option(
        help: .init(
            "Send the cookies of this file (Netscape's format), to the URL's own origin only.",
            valueName: "file"
        ),
        transform: ArgumentValue.nonEmpty
    )
    var cookieFile: String?

    func validate() throws {
        _ = try fields
        _ = try credentials
        guard !netrc || netrcFile == nil else { throw ValidationError("--netrc-file names the file: leave -n out") }
    }

    /// The user's netrc, if it was asked for.
    private var readNetrc: Netrc? {
        get throws {
            let environment = TerminalDevice.environment
            let usual = environment("NETRC") ?? environment("HOME").map { $0 + "/.netrc" }
            guard let path = netrcFile ?? (netrc ? usual : nil) else { return nil }
            return Netrc(parsing: try Self.read(path))
        }
    }

    private static func read(_ path: String) throws -> String {
        do throws(StoreError) {
            return try SmallFile.text(path)
        } catch {
            throw ValidationError(error.failure.message)
        }
    }

    /// The text is not repeated in the message: it may hold a secret.
    private var fields: HeaderFields {
        get throws {
            var fields = HeaderFields()
            for (index, text) in header.enumerated() {
                guard let (name, value) = HeaderFields.parse(argument: text) else {
                    let advice = "write 'Name: value' without control characters"
                    throw ValidationError("-H number \(index + 1) is no field: \(advice)")
                }
                fields.add(name, value)
            }
            return fields
        }
    }

    private var credentials: HTTPOptions.Credentials? {
        get throws {
            guard let user else { return nil }
            guard let colon = user.utf8.firstIndex(of: UInt8(ascii: ":")) else {
                throw ValidationError("-u needs a password: write -u NAME:PASSWORD, or NAME: if it is empty")
            }
            return .init(user: String(user[..<colon]), password: String(user[user.utf8.index(after: colon)...]))
        }
    }

    /// The options that the flags ask for, and those of the way there.
    func options(over network: NetworkFlags) throws -> HTTPOptions {
        var options = try network.options
        options.fields = try fields
        options.userAgent = userAgent
        options.referer = referer
        options.credentials = try credentials
        options.netrc = try readNetrc
        options.cookies = try cookieFile.map { CookieJar(parsing: try Self.read($0)) }
        return options
    }
}
