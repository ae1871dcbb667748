// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// The rules of every scenario: what to do about a request, given what went before.
///
/// It opens no socket and reads no clock: the same arguments give the same behaviour and the same state after it.
struct ScenarioPlan {
    let scenario: Scenario
    let request: ChaosRequest
    let resource: Resource
    let parameters: ScenarioParameters
    let addresses: ListenerAddresses
    let now: Moment
    var state: ResourceState

    /// Decides and updates the state.
    mutating func decide() -> Behaviour {
        var behaviour = gate() ?? Behaviour(answer: file())
        behaviour.pace = pace(of: behaviour.answer)
        behaviour.lifetime = lifetime
        behaviour.delay = delay()
        if case .respond(var response) = behaviour.answer {
            response.fields.append(HeaderField("Date", HTTPDate(secondsSinceEpoch: now.wall / 1_000).wireForm))
            behaviour.answer = .respond(response)
        }
        return behaviour
    }

    /// The behaviour of scenarios that answer some requests with something else than the file.
    private mutating func gate() -> Behaviour? {
        switch scenario {
        case .redirects: parameters.hop < parameters.hops ? redirect(hop: parameters.hop + 1) : nil
        case .redirectLoop: redirect(hop: (parameters.hop + 1) % 2)
        case .redirectOtherOrigin: request.listener == .main ? redirect(hop: 0) : nil
        case .redirectHTTPSHTTP: request.listener == .plain ? nil : redirect(hop: 0)
        case .tlsExpired, .tlsWrongHost, .tlsSelfSigned, .tlsOld: request.listener == way ? nil : redirect(hop: 0)
        case .redirectExpiring: expiring()
        case .headRefused: request.isHead ? Behaviour(answer: .respond(error(405))) : nil
        case .getOnce: state.responses > 0 ? Behaviour(answer: .respond(error(403))) : nil
        case .headerBomb: Behaviour(answer: .endlessHead(interval: 0))
        case .slowHeaders: Behaviour(answer: .endlessHead(interval: Moment.nanosecondsPerSecond))
        case .tooMany: tooMany()
        case .retryAfter: retryAfter()
        case .dies: death()
        case .metalink: request.isForMetalink ? metalink() : nil
        default: nil
        }
    }

    // MARK: The file

    private mutating func file() -> Behaviour.Answer {
        state.connections.insert(request.connection)
        settleVersion()
        count()
        if scenario == .errorPage, isTurn { return .respond(loginPage()) }
        if let failure = flake?.answer(self) { return failure }
        let file = current()
        var response = response(to: select(file), file)
        adjust(&response, file)
        if !request.isHead { misbehave(&response, file) }
        if !request.isHead, case .content = response.body { state.served = state.served &+ response.sentCount }
        return .respond(response)
    }

    private mutating func settleVersion() {
        switch scenario {
        case .changesMidway, .changesSameLength, .grows:
            if state.changes == 0, state.served >= changePoint { state.change() }
        case .changesOnResume where state.isAbandoned && state.changes < parameters.n: state.change()
        default: break
        }
    }

    private mutating func count() {
        guard !request.isHead else { return }
        state.responses += 1
        state.rangedResponses += request.field("range") == nil ? 0 : 1
    }

    private func current() -> FileVersion {
        // The other bytes are those of the next version, so that what a version is called and holds has one home.
        let version = scenario == .otherBytes ? state.version + 1 : state.version
        let file = FileVersion(resource, version: version, parameters)
        switch scenario {
        case .empty: return FileVersion(file, limit: 0)
        case .oneByte: return FileVersion(file, limit: 1)
        case .exactSegment: return FileVersion(file, limit: parameters.bytes ?? 0)
        case .segmentPlusOne: return FileVersion(file, limit: (parameters.bytes ?? 0) + 1)
        case .changesSameLength:
            let first = FileVersion(resource, version: 1, parameters)
            return file.renamed(entityTag: file.entityTag, lastModified: first.lastModified)
        case .rotatingETag:
            let tag = file.entityTag.map { "\($0.dropLast())-\(state.responses % parameters.n)\"" }
            return file.renamed(entityTag: tag, lastModified: file.lastModified)
        default: return file
        }
    }

    private func select(_ file: FileVersion) -> Selection {
        let honest = Selection(request, of: file)
        switch (scenario, honest) {
        case (.noRange, _), (.noLength, _), (.noLengthTruncated, _), (.lyingAcceptRanges, _), (.gzipAnyway, _):
            return .whole
        case (.ifRangeIgnored, .part) where request.field("if-range") != nil: return .whole
        case (.status416, .part(let range)) where range.upper == file.length: return .unsatisfiable
        case (.empty, .unsatisfiable) where parameters.kind == "200": return .whole
        default: return honest
        }
    }

    private func response(to selection: Selection, _ file: FileVersion) -> Response {
        switch selection {
        case .whole:
            content(200, ByteRange(0, file.length), file)
        case .part(let range):
            content(206, range, file)
        case .unsatisfiable:
            error(416, [HeaderField("Content-Range", "bytes */\(statedLength(file))")])
        case .preconditionFailed:
            error(412)
        }
    }

    /// The complete length in a 416.
    private func statedLength(_ file: FileVersion) -> Int64 {
        guard scenario == .status416 else { return file.length }
        return max(0, file.length.addingReportingOverflow(parameters.delta).partialValue)
    }

    private func content(_ status: Int, _ range: ByteRange, _ file: FileVersion) -> Response {
        var fields = [HeaderField("Content-Type", "application/octet-stream")]
        if let tag = file.entityTag { fields.append(HeaderField("ETag", tag)) }
        if parameters.isObjectStore { fields.append(HeaderField("x-amz-request-id", "0123456789ABCDEF")) }
        if let date = file.lastModified { fields.append(HeaderField("Last-Modified", date)) }
        var response = Response(status: status, fields: fields)
        response.body = .content(range, version: file.version)
        if status == 206 { response.fields.append(contentRange(range, total: file.length)) }
        return response
    }

    func contentRange(_ range: ByteRange, total: Int64) -> HeaderField {
        HeaderField("Content-Range", "bytes \(range.lower)-\(range.upper - 1)/\(total)")
    }

    /// A response whose body is one line that says what it is.
    func error(_ status: Int, _ fields: [HeaderField] = [], closes: Bool = false) -> Response {
        let text = HeaderField("Content-Type", "text/plain")
        return Response(
            status: status,
            fields: [text] + fields,
            body: .text("\(status) \(ReasonPhrase.of(status))\n"),
            closes: closes
        )
    }

    // MARK: Chance and turns

    /// Whether it is this response's turn, where every n-th misbehaves.
    var isTurn: Bool { state.responses % parameters.n == 0 && !request.isHead }

    /// Whether this response is the one that chance chose among every `n`.
    var isChosen: Bool {
        guard state.responses > 0, !request.isHead else { return false }
        let (block, place) = (state.responses - 1).quotientAndRemainder(dividingBy: parameters.n)
        var chance = Mixing.generator(seed: parameters.seed, index: block)
        return place == Int.random(in: 0..<parameters.n, using: &chance)
    }

    /// How many body bytes of version 1 are sent before version 2 takes its place.
    var changePoint: Int64 { parameters.bytes ?? resource.length / 3 }

    /// Chance for this response: the same for the same seed and position.
    func chance() -> SplitMix64 { Mixing.generator(seed: parameters.seed, index: state.responses) }

    private func delay() -> Int64 {
        guard parameters.timeToFirstByte > 0 else { return 0 }
        var chance = chance()
        return LogNormal.sample(least: parameters.timeToFirstByte, &chance)
    }
}
