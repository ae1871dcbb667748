// SPDX-License-Identifier: Apache-2.0

/// Draws the cells of a ``SegmentMap`` as one line, a column for each cell and one for the bar at each end.
enum MapLine {
    static func render(_ cells: [SegmentMap.Cell], style: TerminalStyle) -> String {
        var line = "|"
        var colour: Int?
        for cell in cells {
            let wanted = style.usesColour ? self.colour(of: cell) : nil
            if wanted != colour { line += escape(wanted) }
            colour = wanted
            line.append(glyph(of: cell, style: style))
        }
        if colour != nil { line += escape(nil) }
        return line + "|"
    }

    /// Full, dark and light shade, or `#`, `=` and `.`. Without colours a segment in flight begins with its
    /// connection's digit, which tells it from its neighbour.
    private static func glyph(of cell: SegmentMap.Cell, style: TerminalStyle) -> Character {
        switch cell.state {
        case .held: style.usesUnicode ? "█" : "#"
        case .missing: style.usesUnicode ? "░" : "."
        case .inFlight where cell.isFront && !style.usesColour: digit(cell.connection ?? 0)
        case .inFlight: style.usesUnicode ? "▓" : "="
        }
    }

    /// 0 to 9, then a to z, then over again.
    private static func digit(_ connection: Int) -> Character {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return digits[abs(connection % digits.count)]
    }

    private static func colour(of cell: SegmentMap.Cell) -> Int? {
        cell.connection.map { palette[abs($0 % palette.count)] }
    }

    /// The terminal's own colours without black and white, ordered so that neighbours differ.
    private static let palette = [36, 33, 35, 32, 34, 31, 96, 93, 95, 92, 94, 91]

    /// Sets a foreground colour, or with `nil` the terminal's own again (ECMA-48, SGR).
    private static func escape(_ colour: Int?) -> String { "\u{1B}[\(colour ?? 39)m" }
}
