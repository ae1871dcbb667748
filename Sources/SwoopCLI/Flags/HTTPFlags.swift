// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopIO

/// What requests say besides, and whom they trust, on the command line.
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

    @Option(
        help: .init("PEM file with the certificates to trust instead of the system's.", valueName: "file"),
        transform: ArgumentValue.nonEmpty
    )
    var cacert: String?

    @Flag(
        name: [.customShort("k"), .long],
        help: "Accept any certificate: anyone on the path can then change the bytes."
    )
    var insecure = false

    func validate() throws {
        _ = try fields
        _ = try credentials
        guard !(insecure && cacert != nil) else {
            throw ValidationError("--cacert and --insecure contradict each other: use one of them")
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

    /// The options that the flags ask for.
    var options: HTTPOptions {
        get throws {
            var options = HTTPOptions()
            options.fields = try fields
            options.userAgent = userAgent
            options.referer = referer
            options.credentials = try credentials
            options.authorityFile = cacert
            options.acceptsAnyCertificate = insecure
            return options
        }
    }
}
