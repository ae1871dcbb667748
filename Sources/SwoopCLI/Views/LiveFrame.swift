// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// The two lines that show a running transfer: numbers, and the file as a map.
enum LiveFrame {
    /// Windows narrower than this show the percentage and nothing else.
    static let narrowest = 20

    /// The lines of `progress`, none of them wider than `columns - 1`: in the last column terminals differ.
    static func lines(_ progress: TransferProgress, name: String, columns: Int, style: TerminalStyle) -> [String] {
        let limit = max(1, columns - 1)
        guard columns >= narrowest else { return [DisplayText.shortened(essence(progress), to: limit, ellipsis: "")] }
        let clean = DisplayText.clean(name, unicode: style.usesUnicode)
        let numbers = fit(fields(progress, name: clean), limit: limit, style: style)
        return [numbers, MapLine.render(SegmentMap.cells(progress, width: limit - 2), style: style)]
    }

    /// Fields in the order they stand on the line.
    private enum Field: CaseIterable { case name, percent, amount, rate, connections, time }

    /// Fields in the order they give way when the window is narrow; the percentage never does.
    private static let expendable: [Field] = [.connections, .amount, .time, .rate, .name]

    /// Narrower than this a name says nothing any more.
    private static let shortestName = 12

    private static func fields(_ progress: TransferProgress, name: String) -> [(Field, String)] {
        let texts: [(Field, String?)] = [
            (.name, name.isEmpty ? nil : name),
            (.percent, progress.length.map { "\(Units.percent(progress.bytes, of: $0)) %" }),
            (.amount, amount(progress)),
            (.rate, doing(progress)),
            (.connections, connections(progress)),
            (.time, time(progress)),
        ]
        return texts.compactMap { field, text in text.map { (field, $0) } }
    }

    private static func amount(_ progress: TransferProgress) -> String? {
        guard let length = progress.length else { return progress.bytes > 0 ? ByteCount.format(progress.bytes) : nil }
        return Units.amount(progress.bytes, of: length)
    }

    /// What the transfer is doing, which while bytes flow is its throughput.
    static func doing(_ progress: TransferProgress) -> String {
        switch progress.phase {
        case .connecting: "connecting"
        case .transferring: ByteCount.formatRate(progress.throughput)
        case .waiting: "waiting"
        case .verifying: "verifying"
        case .publishing: "saving"
        case .finished: "done"
        }
    }

    private static func connections(_ progress: TransferProgress) -> String? {
        guard progress.phase == .transferring, !progress.segments.isEmpty else { return nil }
        return progress.segments.count == 1 ? "1 connection" : "\(progress.segments.count) connections"
    }

    private static func time(_ progress: TransferProgress) -> String? {
        guard progress.phase == .transferring else { return nil }
        return progress.remaining.map { Units.remaining($0) + " left" }
    }

    /// Shortens the name, then drops fields one by one until the line fits.
    private static func fit(_ fields: [(Field, String)], limit: Int, style: TerminalStyle) -> String {
        for count in 0...expendable.count {
            let dropped = expendable.prefix(count)
            let kept = fields.filter { !dropped.contains($0.0) }
            if let line = line(kept, limit: limit, style: style) { return line }
        }
        return DisplayText.shortened(fields.first { $0.0 == .percent }?.1 ?? "", to: limit, ellipsis: "")
    }

    /// The fields joined, with the name cut to what room the others leave; `nil` if that is too little.
    private static func line(_ fields: [(Field, String)], limit: Int, style: TerminalStyle) -> String? {
        let name = fields.first { $0.0 == .name }?.1
        let others = fields.filter { $0.0 != .name }.map(\.1)
        let taken = others.reduce(0) { $0 + DisplayText.width($1) + 2 } - (name == nil ? 2 : 0)
        guard let name else { return !others.isEmpty && taken <= limit ? others.joined(separator: "  ") : nil }
        let room = limit - taken
        guard room >= min(shortestName, DisplayText.width(name)) else { return nil }
        return ([DisplayText.shortened(name, to: room, ellipsis: style.ellipsis)] + others).joined(separator: "  ")
    }

    /// The one thing worth a few columns.
    private static func essence(_ progress: TransferProgress) -> String {
        guard let length = progress.length else { return ByteCount.format(progress.bytes) }
        return "\(Units.percent(progress.bytes, of: length)) %"
    }
}
