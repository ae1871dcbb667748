// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// How a scenario bends a correct response.
extension ScenarioPlan {
    /// Changes that a HEAD shows too.
    func adjust(_ response: inout Response, _ file: FileVersion) {
        switch scenario {
        case .noRange:
            break
        case .noLength:
            response.isChunked = true
        case .evilName:
            response.fields.append(HeaderField("Content-Disposition", parameters.evilName.contentDisposition))
            response.fields.append(HeaderField("Accept-Ranges", "bytes"))
        default:
            response.fields.append(HeaderField("Accept-Ranges", "bytes"))
        }
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
        case .changesMidway:
            if state.changes == 0 { cut(&response, .close, after: changePoint - state.served) }
        case .clippedRange:
            let limit = max(1, parameters.bytes ?? range.count)
            relabel(&response, ByteRange(range.lower, range.lower + min(limit, range.count)), file)
        case .wrongStart:
            guard state.rangedResponses % parameters.n == 0 else { return }
            relabel(&response, elsewhere(range, file.length), file)
        default:
            break
        }
    }

    private func cut(_ response: inout Response, _ kind: Fault.Kind, after bytes: Int64?) {
        guard let bytes, bytes < response.body.count else { return }
        response.fault = Fault(kind: kind, after: max(0, bytes))
    }

    /// Makes a 206 one for another range, and true to its label.
    private func relabel(_ response: inout Response, _ range: ByteRange, _ file: FileVersion) {
        guard response.status == 206, case .content(_, let version) = response.body else { return }
        response.body = .content(range, version: version)
        response.fields = response.fields.map { field in
            field.name == "Content-Range" ? contentRange(range, file) : field
        }
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
