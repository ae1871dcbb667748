// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// What origins say about mirrors, and mirrors that lie or die.
extension ScenarioPlan {
    /// Adds what a response says about the file as a whole and its other sources (RFC 6249, RFC 9530).
    func addMirrors(to response: inout Response, _ file: FileVersion) {
        switch scenario {
        case .mirrored:
            response.fields += parameters.mirrors.enumerated().map { index, url in
                HeaderField("Link", "<\(url)>; rel=duplicate; pri=\(index + 1)")
            }
            if let document = parameters.describedBy { response.fields.append(description(document)) }
            if parameters.sendsDigest, file.length <= Self.mostHashed {
                response.hashing = Hashing(length: file.length, version: file.version, purpose: .fields)
            }
        case .metalink:
            let query = request.stateQuery.isEmpty ? "" : "?" + request.stateQuery
            let document = "/metalink/\(request.encodedName)\(ChaosRequest.metalinkSuffix)\(query)"
            response.fields.append(description(document))
        default:
            break
        }
    }

    /// Adds digests of the file, right or wrong.
    func addDigests(to response: inout Response, _ file: FileVersion) {
        guard scenario == .goodDigest || scenario == .badDigest, file.length <= Self.mostHashed else { return }
        response.hashing = Hashing(length: file.length, version: file.version, purpose: .fields)
        response.hashing?.kind = parameters.kind
        response.hashing?.isWrong = scenario == .badDigest
    }

    /// A Metalink document about the file.
    func metalink() -> Behaviour {
        let file = FileVersion(resource, version: state.version, parameters)
        guard file.length <= Self.mostHashed, parameters.piece == 0 || file.length / parameters.piece <= Self.mostPieces
        else { return Behaviour(answer: .respond(error(404))) }
        let own = "\(sameOrigin)/plain/\(PercentCoding.encode(resource.name))"
        let urls = parameters.mirrors.isEmpty ? [own] : parameters.mirrors
        var response = Response(status: 200, fields: [HeaderField("Content-Type", MetalinkDocument.mediaType)])
        response.hashing = Hashing(
            length: file.length,
            version: file.version,
            piece: parameters.piece,
            purpose: .metalink(name: resource.name, urls: urls)
        )
        return Behaviour(answer: .respond(response))
    }

    /// When the origin dies, if it does.
    var lifetime: Lifetime? {
        guard scenario == .dies else { return nil }
        return Lifetime(bytes: parameters.bytes ?? (resource.length + 1) / 2, resets: parameters.kind == "reset")
    }

    /// The answer of an origin that has sent all it ever will.
    func death() -> Behaviour? {
        guard let lifetime, state.spent >= lifetime.bytes else { return nil }
        return Behaviour(answer: lifetime.resets ? .reset : .close)
    }

    /// Digests of longer files are not offered: they take too long.
    private static var mostHashed: Int64 { 16 << 30 }
    private static var mostPieces: Int64 { 1 << 20 }

    private func description(_ document: String) -> HeaderField {
        HeaderField("Link", "<\(document)>; rel=describedby; type=\"\(MetalinkDocument.mediaType)\"")
    }
}
