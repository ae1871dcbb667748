// SPDX-License-Identifier: Apache-2.0

/// An authority of the tests' own, and a server's certificate that it signed; all files are in one directory.
struct Certificates: Sendable {
    let directory: String
    var authority: String { "\(directory)/authority.pem" }
    var certificate: String { "\(directory)/server.pem" }
    var key: String { "\(directory)/server.key" }

    /// Makes them with openssl; `names` is what the certificate is for, as in `IP:127.0.0.1,DNS:localhost`.
    static func make(in directory: String, names: String) async throws -> Certificates {
        let made = Certificates(directory: directory)
        let authorityKey = "\(directory)/authority.key"
        try await request("authority", to: made.authority, key: authorityKey, [])
        try await request(
            "server",
            to: made.certificate,
            key: made.key,
            [
                "-CA", made.authority, "-CAkey", authorityKey, "-addext", "subjectAltName=\(names)",
                "-addext", "basicConstraints=critical,CA:FALSE",
            ]
        )
        return made
    }

    private static func request(_ name: String, to file: String, key: String, _ more: [String]) async throws {
        guard let openssl = Tool.find("openssl") else { throw Tool.Failure(description: "openssl is not installed") }
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        let files = ["-keyout", key, "-out", file, "-subj", "/CN=swoop test \(name)"]
        let result = try await Tool.run(openssl, ["req", "-x509"] + curve + files + more)
        guard result.ending == .exited(0) else { throw Tool.Failure(description: "openssl: \(result.error)") }
    }
}
