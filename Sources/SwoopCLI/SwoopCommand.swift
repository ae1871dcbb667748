// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopIO

/// The command tree.
struct SwoopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swoop",
        abstract: "Downloads big files as fast as the path allows, and proves what it wrote.",
        usage: """
            swoop [get] [options] URL...
            swoop put [options] FILE... s3://BUCKET/KEY
            swoop ls s3://BUCKET/PREFIX
            swoop bench URL
            swoop demo
            swoop chaos [--root DIR] [--port N]
            """,
        discussion: """
            EXAMPLES:
              swoop https://example.org/debian-12.iso
              swoop --checksum sha-256:9f86d0... https://example.org/debian-12.iso
              swoop demo

            The command is the first word; without one it is get. 'swoop get --help' has its options.

            \(ExitStatus.help)
            """,
        version: SwoopVersion.current,
        subcommands: [Get.self, Put.self, Ls.self, Bench.self, Demo.self, Chaos.self],
        defaultSubcommand: Get.self
    )
}
