// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// How a scenario bends a correct response.
extension ScenarioPlan {
    /// Changes that a HEAD shows too.
    func adjust(_ response: inout Response, _ file: FileVersion) {
        switch scenario {
        case .noRange, .gzipAnyway:
            break
        case .noLength, .noLengthTruncated:
            response.isChunked = true
        case .evilName:
            response.fields.append(HeaderField("Content-Disposition", parameters.evilName.contentDisposition))
            response.fields.append(HeaderField("Accept-Ranges", "bytes"))
        default:
            response.fields.append(HeaderField("Accept-Ranges", "bytes"))
        }
        addMirrors(to: &response, file)
        addDigests(to: &response, file)
    }

    /// Changes to what is sent in answer to a GET.
    func misbehave(_ response: inout Response, _ file: FileVersion) {
        guard case .content(let range, _) = response.body else { return }
        switch scenario {
        case .shortBody:
            cut(&response, .close, after: parameters.bytes)
        case .reset:
            if isTurn { cut(&response, .reset, after: parameters.after ?? somewhere(in: range)) }
        case .stall:
            if isTurn { cut(&response, .stall, after: parameters.after ?? somewhere(in: range)) }
        case .changesMidway, .changesSameLength:
            if state.changes == 0 { cut(&response, .close, after: changePoint - state.served) }
        case .clippedRange:
            let limit = max(1, parameters.bytes ?? range.count)
            relabel(&response, ByteRange(range.lower, range.lower + min(limit, range.count)), file)
        case .wrongStart:
            guard state.rangedResponses % parameters.n == 0 else { return }
            relabel(&response, elsewhere(range, file.length), file)
        case .grows:
            if state.changes == 0 { cut(&response, .close, after: changePoint - state.served) }
            response.difference = resource.length
        case .noLengthTruncated:
            guard isTurn else { return }
            response.fault = Fault(kind: .close, after: min(parameters.bytes ?? range.count / 2, range.count))
        case .longBody:
            response.surplus = String(repeating: "surplus ", count: Int(min(parameters.bytes ?? 0, 1 << 20) + 7) / 8)
        case .wrongTotal:
            guard state.rangedResponses % parameters.n == 0 else { return }
            let total = max(range.upper, file.length.addingReportingOverflow(parameters.delta).partialValue)
            relabel(&response, contentRange(range, total: total))
        case .noContentRange:
            response.fields.removeAll { $0.name == "Content-Range" }
        case .chunked206:
            guard response.status == 206, state.rangedResponses % parameters.n == 0 else { return }
            relabel(&response, elsewhere(range, file.length), file)
            response.isChunked = true
        case .multipart:
            if response.status == 206 { wrapInMultipart(&response) }
        case .gzipAnyway:
            response.fields.append(HeaderField("Content-Encoding", "gzip"))
            response.isGzipped = true
            response.body = .content(ByteRange(0, GzipStream.length(of: range.count)), version: file.version)
        case .flaky:
            if let kind = flake?.fault { cut(&response, kind, after: somewhere(in: range)) }
        case .otherBytes:
            response.difference = parameters.from
        default:
            break
        }
    }

    /// How fast an answer is sent.
    func pace(of answer: Behaviour.Answer) -> Pace {
        var pace = Pace(rate: parameters.rate, total: parameters.total)
        guard case .respond(let response) = answer, case .content = response.body else { return pace }
        switch scenario {
        case .slowOne where isChosen:
            pace.rate = max(1, (pace.rate > 0 ? pace.rate : pace.total) / 20)
            pace.isSlowed = true
        case .drip where isTurn:
            pace.dripsAfter = parameters.after ?? 0
            pace.isSlowed = true
        default:
            break
        }
        return pace
    }

    /// How this response fails, if it is one of the flaky ones.
    var flake: Flake? {
        guard scenario == .flaky, !request.isHead else { return nil }
        var chance = Mixing.generator(seed: parameters.seed, index: state.responses)
        guard Double.random(in: 0..<1, using: &chance) < parameters.share else { return nil }
        return Flake.allCases.filter { $0 != .stall || parameters.stalls }.randomElement(using: &chance)
    }

    private func cut(_ response: inout Response, _ kind: Fault.Kind, after bytes: Int64?) {
        guard let bytes, bytes < response.body.count else { return }
        response.fault = Fault(kind: kind, after: max(0, bytes))
    }

    /// Makes a 206 one for another range, and true to its label.
    private func relabel(_ response: inout Response, _ range: ByteRange, _ file: FileVersion) {
        guard response.status == 206, case .content(_, let version) = response.body else { return }
        response.body = .content(range, version: version)
        relabel(&response, contentRange(range, total: file.length))
    }

    private func relabel(_ response: inout Response, _ label: HeaderField) {
        response.fields = response.fields.map { $0.name == label.name ? label : $0 }
    }

    /// One part in the wrapping that is meant for several (RFC 9110 section 14.6).
    private func wrapInMultipart(_ response: inout Response) {
        let boundary = "swoop-chaos-part"
        let fields = response.fields.filter { ["Content-Type", "Content-Range"].contains($0.name) }
        let head = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        response.fields.removeAll { ["Content-Type", "Content-Range"].contains($0.name) }
        response.fields.append(HeaderField("Content-Type", "multipart/byteranges; boundary=\(boundary)"))
        response.wrapping = Wrapping(before: "--\(boundary)\r\n\(head)\r\n", after: "\r\n--\(boundary)--\r\n")
    }

    private func somewhere(in range: ByteRange) -> Int64 {
        guard !range.isEmpty else { return 0 }
        var chance = chance()
        return Int64.random(in: 0..<range.count, using: &chance)
    }

    /// A range as long as the file allows that does not start where `range` does, if the file has two bytes.
    private func elsewhere(_ range: ByteRange, _ length: Int64) -> ByteRange {
        let shift = min(max(1, parameters.bytes ?? 1), length)
        let later = range.lower + shift
        let lower = later < length ? later : max(0, range.lower - shift)
        return ByteRange(lower, min(length, lower + range.count))
    }
}

/// A way in which a flaky origin fails a request.
enum Flake: CaseIterable {
    case serverError
    case unavailable
    case resetBeforeHead
    case resetInBody
    case shortBody
    case stall

    /// What is answered in place of the file.
    func answer(_ plan: ScenarioPlan) -> Behaviour.Answer? {
        switch self {
        case .serverError: .respond(plan.error(500))
        case .unavailable: .respond(plan.error(503))
        case .resetBeforeHead: .reset
        case .resetInBody, .shortBody, .stall: nil
        }
    }

    /// What cuts the file's body off.
    var fault: Fault.Kind? {
        switch self {
        case .serverError, .unavailable, .resetBeforeHead: nil
        case .resetInBody: .reset
        case .shortBody: .close
        case .stall: .stall
        }
    }
}

/// Delays with a long tail.
enum LogNormal {
    /// A delay of at least `least` and at most ten times as long; half of them are below 1.4 times.
    static func sample(least: Int64, _ chance: inout SplitMix64) -> Int64 {
        // Twelve uniform draws less six are as good as normal here.
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &chance) }
        return Int64(Double(least) * min(exponential(abs(normal) * spread), 10))
    }

    private static let spread = 0.5

    /// e^x by squaring a short series; good to six digits where it is used.
    private static func exponential(_ x: Double) -> Double {
        let y = x / 1_024
        let series = 1 + y + y * y / 2
        return (0..<10).reduce(series) { power, _ in power * power }
    }
}
