// SPDX-License-Identifier: Apache-2.0

import SwoopCore

/// `planning LENGTH`: drives the machine of one download of LENGTH bytes to its end and prints what it cost:
/// events, then microseconds per event: the mean, the mean of the first and of the last eighth, and the largest.
@main
enum Planning {
    static func main() throws {
        guard CommandLine.arguments.count == 2, let length = Int64(CommandLine.arguments[1]), length >= 1 << 30 else {
            throw Complaint(text: "usage: planning LENGTH, in bytes, 1 GiB or more")
        }
        let url = try HTTPURL.parse("http://origin.test/file.bin")
        var options = TransferOptions()
        options.connections = 16
        options.segmentSize = 64 << 20
        let machine = DownloadMachine(url: url, explicitName: "file.bin", options: options)
        var drive = Drive(machine, length: length)
        guard drive.run() else { throw Complaint(text: "the download did not end well: \(drive.ending)") }
        print(drive.costs.count, drive.mean(of: drive.costs[...]), drive.early, drive.late, drive.largest)
    }
}

/// Why there is no figure.
struct Complaint: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}
