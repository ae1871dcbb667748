// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwoopCore
public import SwoopIO
internal import Synchronization

/// A store whose files are on a ``SimulatedDisk``: `NAME`, `NAME.part` and `NAME.part.journal`, as ``FileStore`` has them.
public final class MemoryStore: ByteStore {
    private struct State {
        var name: String?
        var isPartialOpen = false
        var isUnused = false
        var isJournaled = false
        var digests: [Digest] = []
        var isClosed = false
    }

    /// The disk that holds the files.
    public let disk: SimulatedDisk
    private let crashes: Int
    private let digestAlgorithms: [DigestAlgorithm]
    private let resumes: Bool
    private let state = Mutex(State())

    /// Makes a store on a disk.
    ///
    /// - Parameters:
    ///   - disk: shared with the stores that are to find this one's files.
    ///   - digests: algorithms to compute.
    ///   - resume: whether a partial's journal is believed.
    public init(on disk: SimulatedDisk = SimulatedDisk(), digests: [DigestAlgorithm] = [], resume: Bool = true) {
        self.disk = disk
        digestAlgorithms = digests
        resumes = resume
        crashes = disk.machine.withLock { $0.crashes }
    }

    public var path: String? { state.withLock { $0.name } }

    public func prepare(name: String, create: Bool, replacing: Bool) async throws(StoreError) -> PreparedPartial {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { $0 == 0 || $0 == 0x2F }) else {
            throw Self.error(.badTarget, "cannot download to \(name): it names no file", name)
        }
        if state.withLock({ $0.name }) != name { release() }
        state.withLock { $0.name = name }
        return try onDisk { machine throws(StoreError) in
            if machine.files[name] != nil, !replacing { return .targetExists }
            return try self.openPartial(name, create: create, on: &machine)
        }
    }

    private func openPartial(
        _ name: String,
        create: Bool,
        on machine: inout SimulatedDisk.Machine
    ) throws(StoreError) -> PreparedPartial {
        let partial = name + ".part"
        let isMissing = machine.files[partial] == nil
        if isMissing, !create { return .fresh }
        if !state.withLock({ $0.isPartialOpen }) {
            guard machine.locked.insert(partial).inserted else {
                throw Self.error(.locked, "another swoop is downloading to \(name)", name)
            }
            state.withLock {
                $0.isPartialOpen = true
                $0.isUnused = isMissing
            }
        }
        let file = machine.files[partial] ?? SimulatedDisk.File()
        machine.files[partial] = file
        guard resumes, let journal = machine.files[partial + ".journal"]?.cached else { return .fresh }
        let boot = "boot-\(machine.boots)"
        let length = Int64(file.cached.count)
        return JournalReading.replay(journal, boot: boot, partialLength: length).map { .found($0) } ?? .fresh
    }

    public func begin(_ plan: PartialPlan) async throws(StoreError) {
        try onPartial { partial, machine throws(StoreError) in
            self.startJournal(plan, partial, on: &machine)
            var file = machine.files[partial] ?? SimulatedDisk.File()
            if plan.held.isEmpty { file.cached = [] }
            if let length = plan.length { file.cached = Self.resized(file.cached, to: Int(length)) }
            machine.files[partial] = file
            self.state.withLock {
                $0.isUnused = false
                $0.isJournaled = plan.journal != nil
            }
        }
    }

    private func startJournal(_ plan: PartialPlan, _ partial: String, on machine: inout SimulatedDisk.Machine) {
        let name = partial + ".journal"
        guard let identity = plan.journal else {
            machine.files[name] = nil
            return
        }
        let claims: [JournalRecord] = [.durable(plan.durable.ranges), .written(plan.held.ranges)]
        let records = [.identity(identity), .boot("boot-\(machine.boots)")] + claims
        let bytes = records.flatMap(JournalCodec.encode)
        // As on a real disk, only a journal that replaces another is synced before the partial may change.
        machine.files[name] = .init(cached: bytes, stable: machine.files[name] == nil ? [] : bytes)
    }

    public func allocate(length: Int64) async throws(StoreError) {}

    public func write(_ bytes: ByteBuffer, at offset: Int64) throws(StoreError) {
        try bytes.withUnsafeReadableBytes { bytes throws(StoreError) in try self.write(bytes, at: offset) }
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) {
        try onPartial { partial, machine throws(StoreError) in
            let end = Int(offset) + bytes.count
            var file = machine.files.removeValue(forKey: partial) ?? SimulatedDisk.File()
            if file.cached.count < end { file.cached = Self.resized(file.cached, to: end) }
            file.cached.replaceSubrange(Int(offset)..<end, with: bytes)
            machine.files[partial] = file
        }
    }

    public func append(_ record: JournalRecord) throws(StoreError) {
        guard state.withLock({ $0.isJournaled }) else { return }
        try onPartial { partial, machine throws(StoreError) in
            machine.files[partial + ".journal"]?.cached += JournalCodec.encode(record)
        }
    }

    public func sync() async throws(StoreError) {
        try onPartial { partial, machine throws(StoreError) in Self.sync(partial, on: &machine) }
    }

    public func hash(upTo frontier: Int64) {}

    public func digests(length: Int64) async throws(StoreError) -> [Digest] {
        try onPartial { partial, machine throws(StoreError) in
            var set = DigestSet(self.digestAlgorithms)
            let bytes = machine.files[partial]?.cached ?? []
            guard length <= bytes.count else {
                throw Self.error(.inputOutput, "cannot verify \(partial): it was shortened", partial)
            }
            bytes.prefix(Int(length)).withUnsafeBytes { set.update($0) }
            return set.digests()
        }
    }

    public func publish(replacing: Bool) async throws(StoreError) {
        try onPartial { partial, machine throws(StoreError) in
            let name = String(partial.dropLast(5))
            guard replacing || machine.files[name] == nil else {
                throw Self.error(.targetExists, "\(name) appeared during the download", name)
            }
            Self.sync(partial, on: &machine)
            machine.files[name] = machine.files.removeValue(forKey: partial)
            machine.files[partial + ".journal"] = nil
        }
    }

    public func discardPartial() async throws(StoreError) {
        guard state.withLock({ $0.isPartialOpen }) else { return }
        try onPartial { partial, machine throws(StoreError) in
            machine.files[partial] = nil
            machine.files[partial + ".journal"] = nil
        }
        release()
    }

    public func close() async {
        release()
        state.withLock { $0.isClosed = true }
    }

    // MARK: Disk

    /// Lets go of the partial; removes it if it is still unused.
    private func release() {
        let old = state.withLock { state in
            defer { state = State(name: state.name, isClosed: state.isClosed) }
            return state
        }
        guard let name = old.name, old.isPartialOpen else { return }
        try? onDisk { machine throws(StoreError) in
            machine.locked.remove(name + ".part")
            if old.isUnused { machine.files[name + ".part"] = nil }
        }
    }

    private func onDisk<Value>(
        _ body: (inout SimulatedDisk.Machine) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let isClosed = state.withLock { $0.isClosed }
        return try disk.machine.withLock { machine throws(StoreError) in
            guard !isClosed, machine.crashes == crashes else {
                throw Self.error(.inputOutput, "the machine has crashed or the store is closed", "")
            }
            return try body(&machine)
        }
    }

    private func onPartial<Value>(
        _ body: (String, inout SimulatedDisk.Machine) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let (name, isOpen) = state.withLock { ($0.name, $0.isPartialOpen) }
        guard let name, isOpen else { throw Self.error(.bug, "no partial is open", "") }
        return try onDisk { machine throws(StoreError) in try body(name + ".part", &machine) }
    }

    private static func sync(_ name: String, on machine: inout SimulatedDisk.Machine) {
        guard let cached = machine.files[name]?.cached else { return }
        machine.files[name]?.stable = cached
    }

    private static func resized(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        bytes.count >= count ? Array(bytes.prefix(count)) : bytes + [UInt8](repeating: 0, count: count - bytes.count)
    }

    private static func error(_ code: TransferFailure.Code, _ message: String, _ path: String) -> StoreError {
        StoreError(TransferFailure(code, message), operation: "simulate", path: path)
    }
}
