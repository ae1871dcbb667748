// SPDX-License-Identifier: Apache-2.0

// Refusals are hard stops: they end experiments and teach a ceiling, which is believed for a while.
extension ConcurrencyController {
    /// What refusals taught.
    struct Refusal: Hashable, Sendable {
        /// Connections that the origin seems to admit, or `nil` if it never turned one away.
        var ceiling: Int?
        /// When one more may be tried.
        var raiseAt: Double = 0
        /// How long the ceiling is believed.
        var timeToLive = Refusal.firstTimeToLive
        /// While a volley lasts: until when, and the most connections seen to carry since.
        var holdUntil: Double = 0
        var seen = 0

        static let firstTimeToLive = 15.0
        static let longestTimeToLive = 600.0

        mutating func remember(_ ceiling: Int, now: Double) {
            self.ceiling = ceiling
            raiseAt = now + timeToLive
        }
    }

    /// Tells that the origin turned connections away while it served others: a volley of refusals.
    ///
    /// - Parameters:
    ///   - carrying: connections that were being served.
    ///   - live: those, and connections that still await their heads.
    ///   - now: time since the process started.
    public mutating func refused(carrying: Int, live: Int, now: Duration) {
        let time = now.seconds
        let isSameVolley = phase == .refused
        if !isSameVolley { strike(carrying, live, time) }
        phase = .refused
        trial = nil
        refusal.seen = max(refusal.seen, carrying)
        #if DEBUG
            checkInvariants()
        #endif
    }

    private mutating func strike(_ carrying: Int, _ live: Int, _ time: Double) {
        if refusal.ceiling != nil {
            refusal.timeToLive = min(refusal.timeToLive * 2, Refusal.longestTimeToLive)
        }
        // Connections that await their heads may yet be admitted: the hold will tell.
        let hoped = max(carrying, min(live, target - 1))
        refusal.ceiling = max(limits.lowest, min(hoped, most))
        refusal.seen = carrying
        refusal.holdUntil = time + max(0.5, 3 * (latency.short ?? 0.1))
        refusal.raiseAt = time + refusal.timeToLive
        target = min(target, most)
    }

    /// A volley lasts: once it is over, as many are admitted as were seen to be served.
    mutating func holdRefusal(_ time: Double) {
        refusal.seen = max(refusal.seen, carrying)
        guard time >= refusal.holdUntil else { return }
        refusal.ceiling = max(limits.lowest, min(refusal.ceiling ?? target, max(refusal.seen, 1)))
        settle(
            at: min(target, most),
            time,
            moreIn: band.moreWait,
            fewerIn: max(band.fewerAt - time, Band.firstFewerWait)
        )
    }

    /// A ceiling is believed for a while; then one more connection may be tried.
    mutating func raiseCeiling(_ time: Double) {
        guard let ceiling = refusal.ceiling, phase == .settled, time >= refusal.raiseAt else { return }
        guard target >= ceiling else { return }
        refusal.ceiling = ceiling >= limits.highest ? nil : ceiling + 1
        refusal.raiseAt = time + refusal.timeToLive
    }
}
