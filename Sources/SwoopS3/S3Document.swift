// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// Why an answer of a store cannot be read.
public struct S3ReplyError: Error, Hashable, Sendable {
    /// What is wrong, to stand after a colon.
    public let message: String
}

/// The elements of a small XML document, without its namespaces: stores declare Amazon's, none, or their own.
struct S3Document: Hashable, Sendable {
    /// Elements of one answer: a page of 1,000 objects has about ten thousand.
    private static let mostElements = 200_000

    let name: String
    private(set) var text = ""
    private(set) var children: [S3Document] = []

    private init(name: String) { self.name = name }

    /// Reads a document; stores that keep a connection alive send white space in front of it.
    init(_ body: [UInt8]) throws(S3ReplyError) {
        let start = body.firstIndex { !ASCII.isWhitespace($0) && $0 != 0x0A && $0 != 0x0D } ?? body.endIndex
        guard start < body.endIndex else { throw S3ReplyError(message: "it is empty") }
        do throws(XMLError) {
            var reader = try XMLReader(Array(body[start...]))
            var open: [S3Document] = []
            var (root, count): (S3Document?, Int) = (nil, 0)
            while let event = try reader.next() {
                switch event {
                case .start(let element):
                    count += 1
                    guard count <= Self.mostElements else { throw XMLError(fault: .tooLong, line: reader.line) }
                    open.append(S3Document(name: element.name.local))
                case .text(let text):
                    if !open.isEmpty { open[open.count - 1].text += text }
                case .end:
                    guard let ended = open.popLast() else { continue }
                    if open.isEmpty { root = ended } else { open[open.count - 1].children.append(ended) }
                }
            }
            guard let root else { throw XMLError(fault: .truncated, line: reader.line) }
            self = root
        } catch {
            throw S3ReplyError(message: "line \(error.line): \(error.fault.text)")
        }
    }

    /// The text of the first child of this name, or `nil`.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    /// The children of this name.
    func all(_ name: String) -> [S3Document] { children.filter { $0.name == name } }

    /// The text of a child that must be there.
    func required(_ name: String) throws(S3ReplyError) -> String {
        guard let text = self[name], !text.isEmpty else { throw S3ReplyError(message: "it has no \(name)") }
        return text
    }

    /// The number that a child has, which must be there and be none below zero.
    func number(_ name: String) throws(S3ReplyError) -> Int64 {
        guard let number = Int64(String(ASCII.trimmed(try required(name)))), number >= 0 else {
            throw S3ReplyError(message: "its \(name) is no number")
        }
        return number
    }

    /// Whether a child says `true`.
    func isTrue(_ name: String) -> Bool {
        self[name].map { ASCII.lowercased(String(ASCII.trimmed($0))) == "true" } ?? false
    }
}
