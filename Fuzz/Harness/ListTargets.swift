// SPDX-License-Identifier: Apache-2.0

/// Lists of checksums: a name that Swoop would give a file is found in both styles.
enum ChecksumListTarget {
    static func run(_ input: FuzzInput) {
        let text = input.text
        let list = ChecksumList(parsing: text)
        check(list.count <= input.bytes.count / 32, "checksum-list/count", list.count)
        guard let name = FileName.sanitise(text) else { return }
        if let digest = list[name] { Common.checkDigests([digest], "checksum-list/digest") }
        let hex = String(repeating: "a7", count: 32)
        check(ChecksumList(parsing: "\(hex)  \(name)\n")[name]?.hex == hex, "checksum-list/plain", name)
        check(ChecksumList(parsing: "\(hex) *\(name)\r\n")[name]?.hex == hex, "checksum-list/binary", name)
        check(ChecksumList(parsing: "SHA256 (\(name)) = \(hex)\n")[name]?.hex == hex, "checksum-list/bsd", name)
    }
}

/// aria2's input format: what is accepted may be fetched, and goes below the directory.
enum InputListTarget {
    static func run(_ input: FuzzInput) {
        let lines = input.lines
        for entry in read(lines) {
            switch entry {
            case .success(let item): checkItem(item, lines: lines.count)
            case .failure(let error): checkError(error, lines: lines.count)
            }
        }
        for line in lines where !Common.contains(line, Common.secret) { checkSecret(line) }
    }

    private static func read(_ lines: [String]) -> [InputList.Entry] {
        var list = InputList()
        var entries = lines.compactMap { list.read($0) }
        if let last = list.finish() { entries.append(last) }
        check(list.finish() == nil, "input-list/end", lines)
        check(Set(list.ignored).count == list.ignored.count, "input-list/ignored", list.ignored)
        return entries
    }

    private static func checkItem(_ item: InputItem, lines: Int) {
        check((1...lines).contains(item.line), "input-list/line", item)
        for address in [item.url] + item.mirrors {
            do throws(HTTPURLError) {
                URLTarget.checkURL(try HTTPURL.parse(address))
            } catch {
                guard case .unsupportedScheme = error else { return check(false, "input-list/url", address) }
            }
        }
        checkSettings(item.settings)
    }

    private static func checkSettings(_ settings: InputSettings) {
        if let name = settings.name {
            let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            check(!parts.contains { ["", ".", ".."].contains(Substring($0)) }, "input-list/out", name)
            check(HeaderFields.isValid(value: name), "input-list/out", name)
        }
        for (name, value) in settings.fields.pairs {
            check(HeaderFields.isValid(name: name) && HeaderFields.isValid(value: value), "input-list/field", name)
        }
        for value in [settings.referer, settings.userAgent, settings.directory] {
            guard let value else { continue }
            check(!value.isEmpty && HeaderFields.isValid(value: value), "input-list/value", value)
        }
        check(settings.connections.map { (1...1000).contains($0) } ?? true, "input-list/connections", settings)
        check(settings.maximumLength.map { $0 >= 0 } ?? true, "input-list/length", settings)
        if let digest = settings.digest { Common.checkDigests([digest], "input-list/digest") }
    }

    private static func checkError(_ error: InputListError, lines: Int) {
        check((1...lines).contains(error.line) && !error.message.isEmpty, "input-list/line", error)
    }

    /// A URL with a password, at the beginning of a line and indented by mistake, and a value: no message repeats them.
    private static func checkSecret(_ line: String) {
        let url = "https://u:\(Common.secret)@" + line
        for wrong in [[url], ["http://h/", " " + url], ["http://h/", " " + line + "=" + Common.secret]] {
            for case .failure(let error) in read(wrong) {
                check(!Common.contains(error.message, Common.secret), "input-list/secret", wrong)
            }
        }
    }
}

/// The JSON of manifests: what was read is written so that it reads the same.
enum JSONTarget {
    static func run(_ input: FuzzInput) {
        if let fields = JSONReader.object(input.text) {
            let written = line(fields)
            check(written.utf8.last == UInt8(ascii: "\n"), "json/line", written)
            check(Common.isPrintable(String(written.dropLast())), "json/control", written)
            check(JSONReader.object(written).map(line) == written, "json/fixpoint", written)
        }
        checkText(input.text)
        checkEscapes(input.bytes)
    }

    private static func line(_ fields: [String: JSONValue]) -> String {
        JSONValue.line(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    private static func checkText(_ text: String) {
        let read = JSONReader.object(JSONValue.line([("a", .string(text))]))
        guard case .string(let value)? = read?["a"] else { return check(false, "json/text", text) }
        check(value.utf8.elementsEqual(text.utf8), "json/text", text)
    }

    /// Any code units as escapes read as Unicode says: pairs as one character, halves of one as U+FFFD.
    private static func checkEscapes(_ bytes: [UInt8]) {
        let seconds = stride(from: 1, to: min(bytes.count, 64), by: 2)
        let units = seconds.map { UInt16(bytes[$0 - 1]) << 8 | UInt16(bytes[$0]) }
        let escapes = units.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
        let read = JSONReader.object("{\"a\":\"\(escapes.joined())\"}")
        guard case .string(let value)? = read?["a"] else { return check(false, "json/escapes", escapes) }
        check(value.utf8.elementsEqual(String(decoding: units, as: UTF16.self).utf8), "json/surrogates", escapes)
    }
}

/// Lines of a manifest, which a later run goes by.
enum ManifestTarget {
    static func run(_ input: FuzzInput) {
        guard let line = ManifestLine.parse(input.text) else { return }
        let written = line.text
        check(written.utf8.count { $0 == UInt8(ascii: "\n") } == 1, "manifest/line", written)
        guard let again = ManifestLine.parse(written) else { return check(false, "manifest/fixpoint", written) }
        check(again.text == written, "manifest/fixpoint", written)
        check(again.key == line.key && again.status == line.status, "manifest/same", written)
        check(again.url == line.url && again.path == line.path && again.bytes == line.bytes, "manifest/same", written)
        check(again.mirrors == line.mirrors && again.exit == line.exit, "manifest/same", written)
    }
}

/// What is remembered of origins: a cache that anything may have damaged.
enum OriginMemoryTarget {
    static func run(_ input: FuzzInput) {
        let now: Int64 = 1_760_000_000
        let read = OriginMemoryText.parse(input.text, nowSeconds: now)
        check(read.count <= OriginMemoryText.mostOrigins, "origin-memory/count", read.count)
        for memory in read.values {
            check(memory.connections >= 1 && memory.ceiling.map { $0 >= 1 } ?? true, "origin-memory/bounds", memory)
            check(memory.unitRate.isFinite && memory.unitRate >= 0, "origin-memory/bounds", memory)
            check(memory.seconds <= now + 3_600, "origin-memory/time", memory)
        }
        let written = OriginMemoryText.format(read)
        check(OriginMemoryText.parse(written, nowSeconds: now) == read, "origin-memory/fixpoint", written)
    }
}
