// SPDX-License-Identifier: Apache-2.0

/// Tells an origin whose entity tags mean nothing from one whose file changes.
///
/// Replicas that make tags of inodes or start times give one file several tags, while length and date agree. A change gives a
/// tag that was never seen, and takes the old one away: a tag that comes back, or a third one in a row, is no change.
/// From then on length and date must do (rung 4 of the ladder in `docs/design/0004-validation.md`).
struct TagRotation: Hashable, Sendable {
    /// Tags seen with one length and date, from which on no change is believed.
    private static let enough = 3

    private var seen: [String] = []
    /// Whether tags are to be ignored.
    private(set) var isProven = false

    /// Notes the tag of the representation that the transfer is pinned to.
    mutating func pinned(_ tag: EntityTag?) {
        guard let tag, !seen.contains(tag.opaque) else { return }
        seen.append(tag.opaque)
    }

    /// Notes a response in which only the tag differs from the pinned one's.
    ///
    /// - Returns: whether tags mean nothing here.
    mutating func met(_ tag: EntityTag) -> Bool {
        isProven = isProven || seen.contains(tag.opaque)
        pinned(tag)
        isProven = isProven || seen.count >= Self.enough
        return isProven
    }
}
