// SPDX-License-Identifier: Apache-2.0

import SwoopCore
import Testing

@Suite("Shard")
struct ShardTests {
    @Test(
        "reads I/N",
        arguments: [("0/1", 0, 1), ("0/4", 0, 4), ("3/4", 3, 4), ("007/8", 7, 8), ("0/9223372036854775807", 0, .max)]
            as [(String, Int64, Int64)]
    )
    func reads(text: String, index: Int64, count: Int64) {
        let shard = Shard.parse(text)
        #expect(shard?.index == index)
        #expect(shard?.count == count)
    }

    @Test(
        "refuses what is no share",
        arguments: [
            "", "/", "1", "4/4", "5/4", "0/0", "-1/4", "1/-4", "+1/4", "1/4/2", "1 /4", " 1/4", "1/", "/4", "a/b",
            "٣/4",
            "0/9223372036854775808", "1.0/4",
        ]
    )
    func refuses(text: String) {
        #expect(Shard.parse(text) == nil)
    }

    @Test("every item belongs to exactly one share", arguments: 1...40)
    func partition(count: Int64) throws {
        let shards = try (0..<count).map { try #require(Shard(index: $0, count: count)) }
        for position in 0..<Int64(200) {
            #expect(shards.count { $0.contains(position) } == 1)
        }
        // Nobody has much more to do than another.
        let sizes = shards.map { shard in (0..<Int64(200)).count { shard.contains($0) } }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        #expect(shards.map { $0.count(of: 200) } == sizes.map { Int64($0) })
    }

    @Test(
        "is what the batch system says",
        arguments: [
            (["JOB_COMPLETION_INDEX": "2", "SWOOP_SHARD_COUNT": "5"], "2/5", "JOB_COMPLETION_INDEX"),
            (["JOB_COMPLETION_INDEX": "2", "JOB_COMPLETIONS": "5"], "2/5", "JOB_COMPLETION_INDEX"),
            (
                ["JOB_COMPLETION_INDEX": "2", "SWOOP_SHARD_COUNT": "4", "JOB_COMPLETIONS": "5"], "2/4",
                "JOB_COMPLETION_INDEX"
            ),
            (["SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "3"], "0/3", "SLURM_ARRAY_TASK_ID"),
            (
                ["SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "4"], "3/4",
                "SLURM_ARRAY_TASK_ID"
            ),
            (
                [
                    "SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_STEP": "2",
                    "SLURM_ARRAY_TASK_COUNT": "4",
                ], "2/4", "SLURM_ARRAY_TASK_ID"
            ),
            (
                ["AWS_BATCH_JOB_ARRAY_INDEX": "9", "AWS_BATCH_JOB_ARRAY_SIZE": "10"], "9/10",
                "AWS_BATCH_JOB_ARRAY_INDEX"
            ),
            (["AWS_BATCH_JOB_ARRAY_INDEX": "9", "SWOOP_SHARD_COUNT": "10"], "9/10", "AWS_BATCH_JOB_ARRAY_INDEX"),
        ] as [([String: String], String, String)]
    )
    func detected(environment: [String: String], shard: String, variable: String) throws {
        let detected = try #require(try Shard.detect { environment[$0] })
        #expect(detected.shard.description == shard)
        #expect(detected.variable == variable)
    }

    @Test(
        "is nothing outside of a batch system",
        arguments: [[:], ["JOB_COMPLETIONS": "4"], ["SLURM_ARRAY_TASK_ID": ""]]
    )
    func undetected(environment: [String: String]) throws {
        #expect(try Shard.detect { environment[$0] } == nil)
    }

    @Test(
        "says what to set where the batch system does not say enough",
        arguments: [
            (["JOB_COMPLETION_INDEX": "2"], "set SWOOP_SHARD_COUNT"),
            (["SLURM_ARRAY_TASK_ID": "2"], "set SLURM_ARRAY_TASK_COUNT"),
            (["AWS_BATCH_JOB_ARRAY_INDEX": "2"], "set AWS_BATCH_JOB_ARRAY_SIZE"),
            (["JOB_COMPLETION_INDEX": "4", "SWOOP_SHARD_COUNT": "4"], "is not one of 4 (SWOOP_SHARD_COUNT)"),
            (["JOB_COMPLETION_INDEX": "x", "SWOOP_SHARD_COUNT": "4"], "gives no place"),
            (["JOB_COMPLETION_INDEX": "0", "SWOOP_SHARD_COUNT": "four"], "SWOOP_SHARD_COUNT=four is no number"),
            (["JOB_COMPLETION_INDEX": "0", "SWOOP_SHARD_COUNT": "0"], "is not one of 0"),
            (
                [
                    "SLURM_ARRAY_TASK_ID": "13", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_STEP": "2",
                    "SLURM_ARRAY_TASK_COUNT": "4",
                ], "gives no place"
            ),
            (
                ["SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_STEP": "0", "SLURM_ARRAY_TASK_COUNT": "4"],
                "gives no place"
            ),
            (
                ["SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_COUNT": "4"],
                "gives no place"
            ),
        ] as [([String: String], String)]
    )
    func contradictions(environment: [String: String], part: String) {
        let error = #expect(throws: ShardError.self) { try Shard.detect { environment[$0] } }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("--shard") == true)
    }
}
