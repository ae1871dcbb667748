// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopIO

/// The items of a list, one after another, as they are written. Holds some lines, never the list.
struct ListSource: Sendable {
    private let reader: LineReader
    private let name: String
    private var list = InputList()
    private var lines: [String] = []
    private var line = 0
    private var isAtEnd = false

    /// Opens a list; `-` is standard input.
    init(_ path: String) throws(StoreError) {
        reader = try LineReader(path == "-" ? nil : path)
        name = path == "-" ? "standard input" : path
    }

    /// Whether the list can be read twice.
    var isRegular: Bool { reader.isRegular }

    /// Options of aria2's that were met and mean nothing.
    var ignored: [String] { list.ignored }

    /// The next item, or what is wrong with one; `nil` at the end, and in a cancelled task.
    mutating func next() async -> Result<InputItem, ListFault>? {
        while !isAtEnd {
            while line < lines.count {
                line += 1
                if let entry = list.read(lines[line - 1]) { return told(entry) }
            }
            do throws(StoreError) {
                lines = try await reader.next() ?? []
            } catch {
                isAtEnd = true
                return .failure(ListFault(place: nil, message: error.failure.message))
            }
            line = 0
            isAtEnd = lines.isEmpty
        }
        reader.close()
        return list.finish().map(told)
    }

    private func told(_ entry: InputList.Entry) -> Result<InputItem, ListFault> {
        entry.mapError { ListFault(place: "\(name):\($0.line)", message: $0.message) }
    }

    /// What there is to know of a list before anything is begun.
    struct Survey {
        var count: Int64 = 0
        var ignored: [String] = []
    }

    /// Reads a list through to its end.
    /// - Throws: the first thing that is wrong with it, as a ``ValidationError``.
    static func survey(_ path: String) async throws -> Survey {
        var source = try open(path)
        var survey = Survey()
        while let entry = await source.next() {
            if case .failure(let fault) = entry { throw ValidationError(fault.description) }
            survey.count += 1
        }
        survey.ignored = source.ignored
        return survey
    }

    /// Opens a list for a command line.
    static func open(_ path: String) throws -> ListSource {
        do throws(StoreError) {
            return try ListSource(path)
        } catch {
            throw ValidationError(error.failure.message)
        }
    }
}

/// What is wrong with an item of a list, or with the list.
struct ListFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// `FILE:LINE`, or `nil` if the message says where.
    var place: String?
    var message: String

    var description: String { (place.map { $0 + ": " } ?? "") + message }
}
