// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwoopCore
internal import SwoopIO

/// Reads the values of options; what cannot be read is a ``ValidationError`` that says what to write.
enum ArgumentValue {
    /// `auto` is `nil`; anything else a number from 1 to ``mostConnections``.
    static func connections(_ text: String) throws -> Int? {
        if text == "auto" { return nil }
        guard let count = Int(text), (1...mostConnections).contains(count) else {
            throw ValidationError("write a number from 1 to \(mostConnections), or auto")
        }
        return count
    }

    static func maximumConnections(_ text: String) throws -> Int {
        guard let count = Int(text), (1...mostConnections).contains(count) else {
            throw ValidationError("write a number from 1 to \(mostConnections)")
        }
        return count
    }

    /// Bytes per second; `/s` may stand behind the unit.
    static func rate(_ text: String) throws -> Int64 {
        let number = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        guard let rate = ByteCount.parse(number), rate > 0 else {
            throw ValidationError("write bytes per second such as 500K, 2M or 1.5MiB/s")
        }
        return rate
    }

    /// Refuses what is no URL; one of a scheme that Swoop does not speak is well-formed: its download fails, others go on.
    /// The text of one that cannot be read is not repeated: a secret may be anywhere in it.
    static func checkURL(_ text: String, _ which: String) throws {
        do throws(HTTPURLError) {
            _ = try HTTPURL.parse(text)
        } catch .unsupportedScheme {
            return
        } catch {
            throw ValidationError(which + error.message)
        }
    }

    /// More than any origin admits and any process has file descriptors for by default.
    static let mostConnections = 1000

    static func size(_ text: String) throws -> Int64 {
        guard let bytes = ByteCount.parse(text) else {
            throw ValidationError("write a number of bytes such as 1048576, 512K, 25MiB or 1.5G")
        }
        return bytes
    }

    static func positiveSize(_ text: String) throws -> Int64 {
        let bytes = try size(text)
        guard bytes > 0 else { throw ValidationError("write at least 1") }
        return bytes
    }

    /// Sizes from ``TransferOptions/smallestWindow`` to a TiB.
    static func window(_ text: String) throws -> Int64 {
        let bytes = try size(text)
        guard (TransferOptions.smallestWindow...(1 << 40)).contains(bytes) else {
            throw ValidationError("write a size from 1M to 1T")
        }
        return bytes
    }

    /// Seconds above zero.
    static func timeout(_ text: String) throws -> Duration {
        let time = try seconds(text)
        guard time > .zero else { throw ValidationError("write more than 0 seconds") }
        return time
    }

    /// Seconds such as `10` or `0.5`, up to a day.
    static func seconds(_ text: String) throws -> Duration {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { "0123456789.".utf8.contains($0) }
        guard isPlain, let value = Double(text), value <= 86_400 else {
            throw ValidationError("write seconds such as 10 or 0.5, at most 86400")
        }
        return .seconds(value)
    }

    static func count(_ text: String) throws -> Int {
        guard let count = Int(text), (0...1_000_000).contains(count) else {
            throw ValidationError("write a whole number, 0 or more")
        }
        return count
    }

    static func onChange(_ text: String) throws -> TransferOptions.OnChange {
        guard let choice = TransferOptions.OnChange(rawValue: text) else {
            throw ValidationError("write restart or fail")
        }
        return choice
    }

    static func checksum(_ text: String) throws -> Digest {
        guard let digest = Digest.parse(text) else {
            throw ValidationError("write ALGORITHM:HEX with sha-256, sha-512, sha-1 or md5 and all of its hex digits")
        }
        return digest
    }

    static func algorithm(_ text: String) throws -> DigestAlgorithm {
        guard let algorithm = DigestAlgorithm.parse(text) else {
            throw ValidationError("write sha-256, sha-512, sha-1 or md5")
        }
        return algorithm
    }

    static func fieldValue(_ text: String) throws -> String {
        guard HeaderFields.isValid(value: text) else { throw ValidationError("remove the control characters") }
        return text
    }

    static func nonEmpty(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("write a name") }
        return text
    }
}
