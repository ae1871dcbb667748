// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Mirrors in simulation")
struct MirrorSimulationTests {
    private static let pieceLength: Int64 = 1 << 20

    /// An origin, a mirror that is honest, one that has other bytes and one that dies.
    private static func simulation(seed: UInt64, hasPieces: Bool, faultRate: Double, crashes: Int) -> Simulation? {
        var random = SplitMix64(seed: seed &* 104_729)
        var origin = SimulatedOrigin(seed: seed, habit: .honest, faultRate: faultRate)
        let length = max(1, origin.lengths[0])
        origin.lengths = [length]
        if seed.isMultiple(of: 3) { origin.diesAfter = Int.random(in: 0...8, using: &random) }
        let honest = SimulatedOrigin(mirroring: origin, seed: seed &+ 1, faultRate: faultRate)
        var liar = SimulatedOrigin(mirroring: origin, seed: seed &+ 2, faultRate: 0)
        liar.lie = 100
        var mortal = SimulatedOrigin(mirroring: origin, seed: seed &+ 3, faultRate: 0)
        mortal.diesAfter = Int.random(in: 0...20, using: &random)
        var options = TransferOptions()
        options.connections = Int.random(in: 1...6, using: &random)
        options.seed = seed
        options.retries = 40
        let count = Int((length - 1) / pieceLength) + 1
        let digest = Digest.parse("md5:00112233445566778899aabbccddeeff")
        let digests = digest.map { Array(repeating: $0, count: count) } ?? []
        return Simulation(
            origin: origin,
            mirrors: [honest, liar, mortal],
            pieces: hasPieces ? PieceDigests(algorithm: .md5, length: pieceLength, digests: digests) : nil,
            options: options,
            crashes: (0..<crashes).map { _ in
                (.milliseconds(Int64.random(in: 1...20_000, using: &random)), losesPower: Bool.random(using: &random))
            }
        )
    }

    private static func fault(seed: UInt64, hasPieces: Bool, faultRate: Double, crashes: Int = 0) -> String? {
        guard var simulation = simulation(seed: seed, hasPieces: hasPieces, faultRate: faultRate, crashes: crashes)
        else { return "no simulation" }
        let ending = simulation.run()
        let what = "seed \(seed): "
        if simulation.brokenPromise { return what + "the journal claims bytes that are not there" }
        switch ending {
        case .endless: return what + "does not end"
        case .failed(let code): return what + "failed with \(code)"
        case .published:
            let versions = simulation.disk.publishedVersions
            guard versions.count == 1, let version = versions.first else { return what + "published a mixture" }
            // Whoever takes over from an origin that is gone before it was compared cannot be told from it.
            guard version == 0 || (!hasPieces && simulation.origin.diesAfter < .max) else {
                return what + "published the liar's bytes"
            }
            let whole = [ByteRange(0, simulation.origin.lengths[0])]
            return simulation.disk.published?.ranges == whole ? nil : what + "published early"
        }
    }

    @Test("2,000 seeded runs with piece digests publish the right bytes, whatever mirrors do")
    func pieces() {
        for seed in 0..<2_000 as Range<UInt64> {
            let fault = Self.fault(seed: seed, hasPieces: true, faultRate: [0, 0.05, 0.2][Int(seed % 3)])
            #expect(fault == nil)
        }
    }

    @Test("2,000 seeded runs without digests never mix a mirror's other bytes in")
    func samples() {
        for seed in 0..<2_000 as Range<UInt64> {
            let fault = Self.fault(seed: seed, hasPieces: false, faultRate: [0, 0.05, 0.2][Int(seed % 3)])
            #expect(fault == nil)
        }
    }

    @Test("500 seeded runs with crashes claim only proven pieces and resume")
    func crashes() {
        for seed in 0..<500 as Range<UInt64> {
            let fault = Self.fault(seed: seed, hasPieces: true, faultRate: 0.05, crashes: 1 + Int(seed % 3))
            #expect(fault == nil)
        }
    }
}
