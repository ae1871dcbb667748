// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import Synchronization

/// The files of a simulated machine: for each one, what the page cache holds and what is on stable storage.
///
/// Stores on the same disk find each other's files and locks. A crash ends every store that was opened before it, as it
/// would end their process; the next store made sees what the crash left. Removing and renaming are durable at once.
public final class SimulatedDisk: Sendable {
    /// What a crash takes.
    public enum Loss: Hashable, Sendable, CaseIterable {
        /// Nothing: the process dies and the kernel lives on (`kill -9`).
        case nothing
        /// Power: every byte that was not synced is lost, of partials and journals alike.
        case unsynced
        /// Power, at the worst moment: partials lose every byte not synced, journals none.
        case unsyncedData
        /// Power: each page of 4 KiB that was not synced is lost or kept by chance, each file for itself.
        case somePages
    }

    struct File {
        var cached: [UInt8] = []
        var stable: [UInt8] = []
    }

    struct Machine {
        var files: [String: File] = [:]
        var locked: Set<String> = []
        /// Counts crashes; a store lives as long as the count it began with.
        var crashes = 0
        var boots = 0
        var random: SplitMix64
    }

    private static let pageSize = 4096
    let machine: Mutex<Machine>

    /// Makes an empty disk.
    ///
    /// - Parameter seed: decides which pages ``Loss/somePages`` loses.
    public init(seed: UInt64 = 0) {
        machine = Mutex(Machine(random: SplitMix64(seed: seed)))
    }

    /// The boot id of the running kernel; changes when power is lost.
    public var boot: String { machine.withLock { "boot-\($0.boots)" } }

    /// What a reader of the file sees now, or `nil` if there is none.
    public func contents(_ name: String) -> [UInt8]? { machine.withLock { $0.files[name]?.cached } }

    /// What of a file would survive a loss of power, or `nil` if there is none.
    public func stableContents(_ name: String) -> [UInt8]? { machine.withLock { $0.files[name]?.stable } }

    /// The names of all files, sorted.
    public var names: [String] { machine.withLock { $0.files.keys.sorted() } }

    /// Makes a file, as another program would.
    public func place(_ bytes: [UInt8], as name: String) {
        machine.withLock { $0.files[name] = File(cached: bytes, stable: bytes) }
    }

    /// Ends every store and loses what `loss` says.
    public func crash(losing loss: Loss) {
        machine.withLock { machine in
            machine.crashes += 1
            machine.locked = []
            guard loss != .nothing else { return }
            machine.boots += 1
            for (name, file) in machine.files.sorted(by: { $0.key < $1.key }) {
                let left = Self.survivors(of: file, name: name, loss: loss, random: &machine.random)
                machine.files[name] = File(cached: left, stable: left)
            }
        }
    }

    private static func survivors(of file: File, name: String, loss: Loss, random: inout SplitMix64) -> [UInt8] {
        switch loss {
        case .nothing: file.cached
        case .unsynced: file.stable
        case .unsyncedData: name.hasSuffix(".journal") ? file.cached : file.stable
        case .somePages: somePages(of: file, random: &random)
        }
    }

    private static func somePages(of file: File, random: inout SplitMix64) -> [UInt8] {
        var result = Bool.random(using: &random) ? file.cached : file.stable
        for start in stride(from: 0, to: result.count, by: pageSize) {
            let source = Bool.random(using: &random) ? file.cached : file.stable
            for index in start..<min(start + pageSize, result.count) {
                result[index] = index < source.count ? source[index] : 0
            }
        }
        return result
    }
}
