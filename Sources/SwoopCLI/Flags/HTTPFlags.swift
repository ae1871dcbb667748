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

    @Option(
        help: .init("PEM file with your certificate, for servers that ask for one.", valueName: "file"),
        transform: ArgumentValue.nonEmpty
    )
    var cert: String?

    @Option(
        help: .init("PEM file with its private key. (default: the certificate's file)", valueName: "file"),
        transform: ArgumentValue.nonEmpty
    )
    var key: String?

    @Option(
        help: .init(
            "Connect to this address for a host and port. (repeatable)",
            valueName: "host:port:address"
        ),
        transform: Self.resolution
    )
    var resolve: [HTTPOptions.Resolution] = []

    @Option(
        help: .init(
            "Spread connections over this address or device of this machine. (repeatable; default: the system's choice)",
            valueName: "address"
        ),
        transform: Self.localAddress
    )
    var interface: [String] = []

    @Option(
        help: .init(
            "Proxy for every request; NO_PROXY excepts hosts. (default: http_proxy, https_proxy, all_proxy)",
            valueName: "url"
        )
    )
    var proxy: String?

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
        _ = try proxies
        guard !(insecure && cacert != nil) else {
            throw ValidationError("--cacert and --insecure contradict each other: use one of them")
        }
        guard key == nil || cert != nil else { throw ValidationError("--key needs --cert: name the certificate, too") }
        guard !netrc || netrcFile == nil else { throw ValidationError("--netrc-file names the file: leave -n out") }
    }

    /// The text is not repeated in the message: it may hold a password.
    private var givenProxy: Proxy? {
        get throws {
            guard let proxy else { return nil }
            guard let parsed = Proxy.parse(proxy) else {
                let advice = "write http://[NAME:PASSWORD@]HOST:PORT, or socks5:// in its place"
                throw ValidationError("--proxy is none that can be used: \(advice)")
            }
            return parsed
        }
    }

    private var proxies: ProxySettings? {
        get throws {
            let given = try givenProxy
            do throws(ProxySettings.UnusableVariable) {
                let settings = try ProxySettings(given: given, environment: TerminalDevice.environment)
                return settings.isEmpty ? nil : settings
            } catch {
                throw ValidationError("\(error.name) is set, and is no proxy that can be used: correct or unset it")
            }
        }
    }

    private static func resolution(_ text: String) throws -> HTTPOptions.Resolution {
        guard let resolution = HTTPOptions.Resolution.parse(text) else {
            throw ValidationError("write HOST:PORT:ADDRESS, as in example.org:443:192.0.2.1")
        }
        return resolution
    }

    private static func localAddress(_ text: String) throws -> String {
        guard let address = LocalAddress.find(text) else {
            throw ValidationError("no address or device of this machine: 'ip address' lists them")
        }
        return address
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

    /// The options that the flags ask for.
    var options: HTTPOptions {
        get throws {
            var options = HTTPOptions()
            options.fields = try fields
            options.userAgent = userAgent
            options.referer = referer
            options.credentials = try credentials
            options.netrc = try readNetrc
            options.cookies = try cookieFile.map { CookieJar(parsing: try Self.read($0)) }
            options.certificateFile = cert
            options.keyFile = key
            options.resolutions = resolve
            options.localAddresses = interface
            options.proxies = try proxies
            options.authorityFile = cacert
            options.acceptsAnyCertificate = insecure
            return options
        }
    }
}
