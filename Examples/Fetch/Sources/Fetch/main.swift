// SPDX-License-Identifier: Apache-2.0
// Downloads a URL, says twice a second how far it is, and prints path, length and digest.
// usage: Fetch URL [DIRECTORY]
import Glibc
import Swoop

/// Prints the progress until the task is cancelled.
func follow(_ monitor: TransferMonitor) async {
    while (try? await Task.sleep(for: .milliseconds(500))) != nil {
        let progress = monitor.progress
        let length = progress.length.map { " of \($0)" } ?? ""
        print("\(progress.bytes)\(length) bytes, \(Int(progress.throughput)) bytes per second")
    }
}

func fetch(_ url: String, into directory: String) async throws(TransferError) -> TransferResult {
    var request = TransferRequest(url, to: .directory(directory))
    request.options.digestAlgorithm = .sha256
    let monitor = TransferMonitor()
    async let _: Void = follow(monitor)
    return try await TransferClient.download(request, monitor: monitor)
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else {
    print("usage: \(arguments[0]) URL [DIRECTORY]")
    exit(2)
}
do throws(TransferError) {
    let result = try await fetch(arguments[1], into: arguments.count > 2 ? arguments[2] : ".")
    print("\(result.path ?? ""): \(result.length) bytes, \(result.digests.first?.description ?? "")")
} catch {
    print("\(error)")
    exit(error.isTransient ? 4 : 3)
}
