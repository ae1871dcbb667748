// SPDX-License-Identifier: Apache-2.0

extension JournalIdentity {
    /// The identity of a representation found under `url`; `nil` if its length is unknown, since such a partial cannot
    /// be resumed.
    init?(url: HTTPURL, representation: Representation) {
        guard let length = representation.length else { return nil }
        self.init(
            url: url.withoutQuery,
            queryFingerprint: Self.fingerprint(query: url.query),
            length: length,
            entityTag: representation.entityTag?.wireForm,
            lastModified: representation.lastModified,
            lastModifiedIsStrong: representation.lastModifiedIsStrong
        )
    }

    /// Whether the partial was fetched from `url`.
    func belongs(to url: HTTPURL) -> Bool {
        self.url == url.withoutQuery && queryFingerprint == Self.fingerprint(query: url.query)
    }

    /// The representation that the partial holds.
    var representation: Representation {
        Representation(
            length: length,
            entityTag: entityTag.flatMap(EntityTag.parse),
            lastModified: lastModified,
            lastModifiedIsStrong: lastModifiedIsStrong
        )
    }

    /// Prefixes of query parameters that sign or expire a URL and do not name the resource.
    private static let signing = [
        "x-amz-", "x-goog-", "signature", "expires", "key-pair-id", "policy", "sig", "se", "sp", "sv", "st", "sr",
        "token",
    ]

    /// FNV-1a over the parameters that name the resource: a signed URL keeps its fingerprint when it is signed anew, and
    /// the journal holds no secret.
    static func fingerprint(query: String?) -> UInt64 {
        guard let query, !query.isEmpty else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for parameter in query.split(separator: "&") where !isSigning(parameter) {
            for byte in parameter.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0x26) &* 0x100_0000_01b3
        }
        return hash
    }

    private static func isSigning(_ parameter: Substring) -> Bool {
        let name = parameter.prefix { $0 != "=" }.lowercased()
        return signing.contains { $0.hasSuffix("-") ? name.hasPrefix($0) : name == $0 }
    }
}

extension HTTPURL {
    /// Scheme, host, port and path: what may be written down.
    var withoutQuery: String { origin.description + path }
}
