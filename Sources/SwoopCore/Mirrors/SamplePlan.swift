// SPDX-License-Identifier: Apache-2.0

/// Which ranges are fetched from two sources and compared before the second one is trusted.
///
/// Different bytes of equal length, such as another build or a mirror that was not updated, differ nearly everywhere.
/// Samples find those. They do not find a mirror that lies on purpose about few bytes: only a digest does.
public enum SamplePlan {
    /// Bytes in a sample.
    public static let sampleLength: Int64 = 64 << 10
    /// How many samples are compared.
    public static let sampleCount: Int64 = 3

    /// The ranges to compare: one at the end, where an appended or cut file differs, the others spread over the rest.
    ///
    /// - Parameters:
    ///   - length: of the representation, in bytes.
    ///   - seed: decides where; not to be guessed by a mirror, so take it from the system's random numbers.
    /// - Returns: ranges in order that do not overlap; the whole if it is no longer than the samples; none if empty.
    public static func ranges(length: Int64, seed: UInt64) -> [ByteRange] {
        guard length > sampleLength * sampleCount else { return length > 0 ? [ByteRange(0, length)] : [] }
        let end = length - sampleLength
        let share = end / (sampleCount - 1)
        var random = SplitMix64(seed: seed)
        let spread = (0..<sampleCount - 1).map { index in
            let room = UInt64(share - sampleLength + 1)
            let start = index * share + Int64(random.next() % room)
            return ByteRange(start, start + sampleLength)
        }
        return spread + [ByteRange(end, length)]
    }
}
