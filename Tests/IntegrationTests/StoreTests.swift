// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SwoopCore
import SwoopTestKit
import Testing

extension ProgramTests {
    @Suite("Object stores that others wrote", .realServers, .timeLimit(.minutes(15)))
    struct Stores {
        private static let lengths: [Int64] = [0, 1, (5 << 20) - 1, 5 << 20, (64 << 20) + 1]

        @Test("What swoop puts, others read, and the reverse", arguments: RealStore.Program.allCases)
        func interoperation(program: RealStore.Program) async throws {
            try await RealStore.with(program) { store in
                for length in Self.lengths {
                    let source = "\(store.directory)/source"
                    try await Tool.makeFile(source, length: length)
                    try await putThenRead(store, source, "ours/\(length) é+%41.bin")
                    try await writeThenGet(store, source, "theirs/\(length)")
                    try FileManager.default.removeItem(atPath: source)
                }
                let list = try await store.swoop(["ls", "-r", store.object("")])
                #expect(list.output.split(separator: "\n").count == 2 * Self.lengths.count)
                let left = try await store.swoop(["ls", "--uploads", store.object("")])
                #expect(left.ending == .exited(0) && left.output.isEmpty, "\(left.output)\(left.error)")
            }
        }

        private func putThenRead(_ store: RealStore, _ source: String, _ key: String) async throws {
            let put = try await store.swoop(["put", "--part-size", "5M", source, store.object(key)])
            #expect(put.ending == .exited(0), "\(put.error)")
            let back = "\(store.directory)/back"
            let copy = try await store.aws(["s3", "cp", "--quiet", store.object(key), back])
            #expect(copy.ending == .exited(0), "\(copy.error)")
            #expect(try await Tool.isSame(source, back))
            try FileManager.default.removeItem(atPath: back)
            let other = try await store.s5cmd(["cp", "--raw", store.object(key), back])
            #expect(other.ending == .exited(0), "\(other.error)")
            #expect(try await Tool.isSame(source, back))
            try FileManager.default.removeItem(atPath: back)
        }

        private func writeThenGet(_ store: RealStore, _ source: String, _ key: String) async throws {
            let copy = try await store.aws(["s3", "cp", "--quiet", source, store.object(key)])
            #expect(copy.ending == .exited(0), "\(copy.error)")
            let back = "\(store.directory)/back"
            let get = try await store.swoop(["get", "-c", "4", "-o", back, store.object(key)])
            #expect(get.ending == .exited(0), "\(get.error)")
            #expect(try await Tool.isSame(source, back))
            try FileManager.default.removeItem(atPath: back)
        }

        @Test("What is wrong has its exit code, one line, and leaves nothing")
        func refusals() async throws {
            try await RealStore.with(.moto) { store in
                let source = "\(store.directory)/source"
                try await Tool.makeFile(source, length: 9)
                let cases: [([String], Int32, String)] = [
                    (["put", source, "s3://no-such-bucket/key"], 3, "bucket"),
                    (["put", "\(source)-none", store.object("key")], 7, "no such file"),
                    (["put", "--part-size", "1M", source, store.object("key")], 3, "--part-size"),
                    (["put", store.directory, store.object("key/")], 2, "-r"),
                    (["get", "-o", "\(store.directory)/none", store.object("nothing")], 3, "404"),
                    (["get", store.object("prefix/")], 2, "swoop ls"),
                    (["put", source, "s3://../key"], 2, "bucket"),
                ]
                for (arguments, exit, words) in cases {
                    let result = try await store.swoop(arguments)
                    #expect(result.ending == .exited(exit), "\(arguments): \(result.error)")
                    #expect(result.error.contains(words), "\(result.error)")
                    #expect(result.error.split(separator: "\n").count == 1, "\(result.error)")
                }
                let list = try await store.swoop(["ls", "-r", store.object("")])
                #expect(list.output.isEmpty)
            }
        }

        @Test("A directory, a stream, and what is there already")
        func shapes() async throws {
            try await RealStore.with(.moto) { store in
                let tree = "\(store.directory)/tree"
                try FileManager.default.createDirectory(atPath: "\(tree)/a/b", withIntermediateDirectories: true)
                for name in ["one.txt", "a/two", "a/b/three"] {
                    try TestFiles.write(Array(name.utf8), to: "\(tree)/\(name)")
                }
                let put = try await store.swoop(["put", "-r", "-j", "2", tree, store.object("t/")])
                #expect(put.ending == .exited(0), "\(put.error)")
                let list = try await store.swoop(["ls", "-r", "--json", store.object("t/")])
                let keys = ["t/a/b/three", "t/a/two", "t/one.txt"]
                #expect(list.output.split(separator: "\n").count == 3)
                #expect(keys.allSatisfy { list.output.contains("\"\($0)\"") }, "\(list.output)")
                let again = try await store.swoop(["put", "--if-not-exists", "\(tree)/one.txt", store.object("t/")])
                #expect(again.ending == .exited(7) || again.ending == .exited(0), "moto may not know the condition")
                let shell =
                    "yes | head -c 12000000 | \(try SwoopProgram.executable) put -q --part-size 5M - \(store.object("stream"))"
                let piped = try await Tool.run("/usr/bin/env", store.environment + ["sh", "-c", shell])
                #expect(piped.ending == .exited(0), "\(piped.error)")
                let back = try await store.swoop(["get", "-o", "-", store.object("stream")])
                #expect(back.output.utf8.count == 12_000_000 && back.output.hasPrefix("y\ny\n"))
            }
        }

        @Test("An upload that is killed at any instant is gone on with, and the object is exact")
        func killed() async throws {
            var chance = SplitMix64(seed: 20_261_201)
            try await RealStore.with(.seaweedfs) { store in
                let source = "\(store.directory)/source"
                try await Tool.makeFile(source, length: 48 << 20)
                let put = ["put", "-q", "--part-size", "5M", "--limit-rate", "24M", source, store.object("big")]
                var kills = 0
                for _ in 0..<8 {
                    let life = Duration.seconds(Double.random(in: 0..<1, using: &chance))
                    let command = store.environment + [try SwoopProgram.executable] + put
                    kills += try await ChildProcess.with("/usr/bin/env", command) { child in
                        try await Task.sleep(for: life)
                        guard child.ending == nil else { return 0 }
                        child.signal(SIGKILL)
                        return 1
                    }
                }
                let end = try await store.swoop(put)
                #expect(end.ending == .exited(0), "\(end.error)")
                #expect(kills > 4)
                let back = "\(store.directory)/back"
                let copy = try await store.aws(["s3", "cp", "--quiet", store.object("big"), back])
                #expect(copy.ending == .exited(0), "\(copy.error)")
                #expect(try await Tool.isSame(source, back))
                #expect(try TestFiles.names(in: "\(store.directory)/state/swoop/uploads").isEmpty)
                let left = try await store.swoop(["put", "-q", "--abort", store.object("")])
                #expect(left.ending == .exited(0), "\(left.error)")
            }
        }
    }
}
