// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopIO

/// Where the bytes go, on the command line.
struct OutputFlags: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: .init(
            "File to write, or - for standard output, in order. (default: the name that the origin gives, else the "
                + "last part of the URL)",
            valueName: "path"
        )
    )
    var output: String?

    @Option(
        name: [.customShort("d", allowingJoined: true), .long],
        help: .init("Directory for the files; created if missing. (default: .)", valueName: "dir")
    )
    var dir: String?

    @Option(
        help: .init("Memory for bytes that come before their turn, with -o -. (default: 64M)", valueName: "size"),
        transform: ArgumentValue.window
    )
    var window: Int64?

    @Flag(help: "Fetch, hash and report, line by line; keep nothing.")
    var discard = false

    func validate() throws {
        if discard, output != nil || dir != nil {
            throw ValidationError("--discard keeps nothing: leave out -o and -d")
        }
        if dir?.isEmpty == true { throw ValidationError("-d needs the name of a directory") }
        guard let output else { return }
        if output.isEmpty { throw ValidationError("-o needs the name of a file") }
        if output == "-" { return try validateStandardOutput() }
        if dir != nil, output.hasPrefix("/") {
            throw ValidationError("-d \(dir ?? "") with the absolute path -o \(output): leave out one of them")
        }
        if output.hasSuffix("/") || PathKind.isDirectory(path(output)) {
            throw ValidationError("-o \(output) is a directory: use -d \(path(output)) to put the file into it")
        }
    }

    private func validateStandardOutput() throws {
        if let dir { throw ValidationError("-d \(dir) with -o - (standard output): leave out one of them") }
        guard StreamStore.isStandardOutputOpen else {
            throw ValidationError("-o - needs standard output, which is closed: redirect it, or use -o PATH")
        }
    }

    /// `-o` is taken from `-d` if both are given, as in aria2 and with curl's `--output-dir`.
    private func path(_ output: String) -> String {
        guard let dir else { return output }
        return dir.hasSuffix("/") ? dir + output : "\(dir)/\(output)"
    }

    /// Where the bytes go.
    var destination: Destination {
        if discard { return .discard }
        if output == "-" { return .standardOutput }
        return output.map { .file(path($0)) } ?? .directory(dir ?? ".")
    }

    /// Where text goes. Nothing but the download goes to standard output when the download does.
    var console: Console {
        var console = Console.standard
        if destination == .standardOutput { console.output = console.error }
        return console
    }
}
