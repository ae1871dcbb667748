// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopIO

/// Which way requests go, and whom they trust, on the command line.
struct NetworkFlags: ParsableArguments {
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
        _ = try proxies
        guard !(insecure && cacert != nil) else {
            throw ValidationError("--cacert and --insecure contradict each other: use one of them")
        }
        guard key == nil || cert != nil else { throw ValidationError("--key needs --cert: name the certificate, too") }
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

    /// The options that the flags ask for.
    var options: HTTPOptions {
        get throws {
            var options = HTTPOptions()
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
