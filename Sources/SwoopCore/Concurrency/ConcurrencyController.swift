// SPDX-License-Identifier: Apache-2.0

/// Chooses how many connections to one origin should be open: the fewest that carry the load. It performs nothing.
///
/// The caller tells it what flows with ``observe(_:now:)``, at irregular times, and who was turned away with
/// ``refused(carrying:live:now:)``; ``target`` is the answer. The controller cuts time into beats of 100 to 200 ms, one
/// round trip if that lies between, and decides where a beat ends.
///
///     waiting --first body--> starting --a doubling that does not pay, the limit--> settled
///     settled --every connection earns its share, or the rate changed--> tryingMore --pays--> tryingMore
///     tryingMore --does not pay--> settled            settled --now and then--> tryingFewer --> settled
///     settled --what seemed to fill the path falls behind--> starting
///     any --refused--> refused --hold over--> settled
///
/// Every move is an experiment: kept if its measured marginal gain (loss) says so, otherwise undone, and the next of
/// its kind waits twice as long. First-byte latency delays growth, and lowers nothing. A throughput that changed
/// by itself is answered by an experiment at once.
///
/// Invariants (1 and 4 are checked by ``checkInvariants()`` after every input in debug builds, 2 and 3 by tests)
///   1. `lowest <= target <= highest`, and `target <= ceiling` while a ceiling is believed.
///   2. `target` does not rise while refusals are held (``Phase/refused``).
///   3. No experiment begins or ends on a beat in which the application was the bottleneck: held back, or a demand
///      below the target.
///   4. At most one experiment runs, and it remembers where it came from.
public struct ConcurrencyController: Hashable, Sendable {
    /// The bounds of ``ConcurrencyController/target``.
    public struct Limits: Hashable, Sendable {
        /// Fewest connections; at least 1.
        public var lowest = 1
        /// Most connections; at least ``lowest``.
        public var highest = 32
        /// Connections after the first head, of an origin of which nothing is known.
        public var start = TransferOptions.firstConnections

        /// Makes the default limits.
        public init() {}

        /// Makes the default limits with another upper bound, at least 1.
        public init(highest: Int) { self.highest = max(1, highest) }
    }

    /// What flowed since the sample before.
    public struct Sample: Hashable, Sendable {
        /// Body bytes received since the sample before.
        public var bytes: Int64 = 0
        /// Connections whose body flows now.
        public var carrying = 0
        /// Connections in use now, those that await a head included.
        public var live = 0
        /// Connections that could be used now.
        public var demand = 0
        /// Time from request to head of a response that came since the sample before, or `nil` if none did.
        public var firstByte: Duration?
        /// Whether something else than the origin or the path holds the transfer up.
        public var isHeldBack = false

        /// Makes a sample in which nothing happens.
        public init() {}
    }

    /// What the controller is about.
    public enum Phase: String, Hashable, Sendable {
        /// No body has flowed yet. Can transition to: starting, settled (remembered), refused.
        case waiting
        /// The number is doubled while that pays. Can transition to: settled, refused.
        case starting
        /// The number is believed. Can transition to: starting (disproved), tryingMore, tryingFewer, refused.
        case settled
        /// More connections are being measured. Can transition to: settled, refused.
        case tryingMore = "trying-more"
        /// Fewer connections are being measured. Can transition to: settled, tryingMore, refused.
        case tryingFewer = "trying-fewer"
        /// The origin turned connections away: no growth for now. Can transition to: settled.
        case refused
    }

    /// Connections that should be open now.
    public internal(set) var target: Int
    /// What the controller is about.
    public internal(set) var phase: Phase = .waiting

    var limits: Limits
    /// What was remembered when it was made.
    let remembered: OriginMemory?

    /// The beat that is being measured.
    var beat: ThroughputWindow
    /// Carrying connections of the newest sample, and whether it was held back.
    var carrying = 0
    var live = 0
    var demand = 0
    var isHeldBack = false
    var latency = LatencyGauge()

    var start = Start()
    var band = Band()
    var trial: Trial?
    var refusal = Refusal()

    /// Makes the controller of an origin.
    ///
    /// - Parameters:
    ///   - limits: bounds of the answer.
    ///   - remembered: what an earlier run learned, or `nil`.
    ///   - now: time since the process started; never decreases from call to call.
    public init(limits: Limits = Limits(), remembered: OriginMemory? = nil, now: Duration) {
        self.limits = limits
        self.remembered = remembered
        target = limits.lowest
        beat = ThroughputWindow(start: now.seconds)
        if let ceiling = remembered?.ceiling { refusal.remember(ceiling, now: now.seconds) }
    }

    /// Tells the controller what flowed since the last call. Cheap: it decides only where a beat ends.
    ///
    /// - Parameters:
    ///   - sample: what flowed.
    ///   - now: time since the process started.
    public mutating func observe(_ sample: Sample, now: Duration) {
        let time = now.seconds
        beat.extend(to: time, bytes: sample.bytes, carrying: carrying, isBlocked: isBlocked)
        take(sample)
        if phase == .waiting, carrying > 0 { begin(time) }
        if phase == .refused { holdRefusal(time) }
        if phase == .starting { start.isAlone ? watch(time) : hasten(time) }
        if time >= beat.start + beatLength { endBeat(time) }
        #if DEBUG
            checkInvariants()
        #endif
    }

    /// Changes the upper bound; a target above it comes down.
    public mutating func limit(to highest: Int) {
        limits.highest = max(limits.lowest, highest)
        target = min(target, limits.highest)
    }

    /// Forgets what is being measured, because nobody uses the origin for now. What was learned stays.
    public mutating func pause(now: Duration) {
        if let trial { target = min(max(trial.from, limits.lowest), most) }
        if phase == .tryingMore || phase == .tryingFewer { phase = .settled }
        trial = nil
        carrying = 0
        live = 0
        demand = 0
        startBeat(now.seconds)
        band.restart()
    }

    private mutating func take(_ sample: Sample) {
        carrying = max(0, sample.carrying)
        live = max(carrying, sample.live)
        demand = sample.demand
        isHeldBack = sample.isHeldBack
        if let firstByte = sample.firstByte { latency.add(firstByte.seconds) }
    }

    /// Connections that the origin seems to admit, or `nil` if it turned none away.
    public var ceiling: Int? { refusal.ceiling }

    /// Most connections that may be open now.
    var most: Int { max(limits.lowest, min(limits.highest, refusal.ceiling ?? limits.highest)) }

    /// Whether what flows says nothing about the origin or the path.
    var isBlocked: Bool { isHeldBack || demand < target || carrying == 0 }

    /// Seconds in a beat: a round trip, as far as the first byte tells, within bounds.
    var beatLength: Double { min(max(latency.short ?? 0.1, 0.1), 0.2) }

    mutating func startBeat(_ time: Double) { beat = ThroughputWindow(start: time) }

    /// The first body flows: connect to what the origin is likely to carry. Where round trips are short, see first what
    /// one connection carries.
    private mutating func begin(_ time: Double) {
        let wanted = remembered?.connections ?? limits.start
        target = min(max(limits.lowest, wanted), most)
        start = Start(from: 1, time: time)
        if remembered == nil, target < most {
            phase = .starting
            start.isAlone = isNear
            if start.isAlone { target = limits.lowest }
            startBeat(time)
        } else {
            settle(at: target, time, moreIn: Band.firstMoreWait, fewerIn: Band.firstFewerWait)
        }
    }

    private mutating func endBeat(_ time: Double) {
        let ended = beat
        startBeat(time)
        raiseCeiling(time)
        // A beat without news for seconds is a gap in the samples, not a measurement.
        guard !ended.isBlocked, ended.length < 2, let level = ended.level else {
            return interrupt()
        }
        if isDisproved(level) { return startOver(time) }
        switch phase {
        case .waiting, .refused: break
        case .starting: starting(ended, level, time)
        case .settled: settled(ended, time)
        case .tryingMore, .tryingFewer: trying(ended, time)
        }
    }

    /// A beat said nothing: what is being measured is measured anew.
    private mutating func interrupt() {
        start.restartMeasure()
        trial?.measure = nil
        band.recent = nil
    }

    /// Traps if an invariant is broken; called in debug builds and tests.
    func checkInvariants() {
        precondition(
            target >= limits.lowest && target <= limits.highest,
            "ConcurrencyController: 1, out of bounds"
        )
        precondition(target <= most, "ConcurrencyController: 1, above the ceiling")
        let isTrying = phase == .tryingMore || phase == .tryingFewer
        precondition(isTrying == (trial != nil), "ConcurrencyController: 4, a trial without its phase")
    }
}
