// SPDX-License-Identifier: Apache-2.0

/// `Content-Range`: the proof of where bytes belong.
enum ContentRangeTarget {
    static func run(_ input: FuzzInput) {
        switch ContentRange.parse(input.text) {
        case .range(let range, let complete)?:
            check(!range.isEmpty, "content-range/empty", range)
            check(complete.map { $0 >= range.upper } ?? true, "content-range/complete", (range, complete))
            let length = complete.map(String.init) ?? "*"
            checkSame("bytes \(range.lower)-\(range.upper - 1)/\(length)", input.text)
        case .unsatisfied(let complete)?:
            check(complete >= 0, "content-range/complete", complete)
            checkSame("bytes */\(complete)", input.text)
        case nil: break
        }
    }

    /// The value written by the book reads the same, and only leading zeros, case and space around it may differ.
    private static func checkSame(_ written: String, _ text: String) {
        check(ContentRange.parse(written) == ContentRange.parse(text), "content-range/fixpoint", text)
        let bare = ASCII.lowercased(ASCII.trimmed(text))
        check(withoutZeros(bare) == withoutZeros(written), "content-range/strict", text)
    }

    private static func withoutZeros(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 != UInt8(ascii: "0") }
    }
}

/// `Content-Disposition`: a name from a stranger that becomes the name of a file.
enum ContentDispositionTarget {
    static func run(_ input: FuzzInput) {
        let text = input.text
        if let name = ContentDisposition.fileName(text) {
            check(!name.isEmpty, "content-disposition/empty", text)
            check(FileName.given(by: text) == FileName.sanitise(name), "content-disposition/given", text)
        }
        checkSafe(FileName.given(by: text))
        checkSafe(FileName.sanitise(text))
        checkQuoted(text)
    }

    /// What is quoted by the book comes out as it went in.
    private static func checkQuoted(_ name: String) {
        guard !name.isEmpty else { return }
        let escaped = name.utf8.flatMap { "\"\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        let value = "attachment; filename=\"" + String(decoding: escaped, as: UTF8.self) + "\""
        check(ContentDisposition.fileName(value) == name, "content-disposition/quoted", name)
    }

    /// The name may be used in the target directory: it leads nowhere else, and is what it looks like.
    static func checkSafe(_ name: String?) {
        guard let name else { return }
        let bytes = name.utf8
        check((1...FileName.maximumBytes).contains(bytes.count), "file-name/length", name)
        check(!bytes.contains { "/\\".utf8.contains($0) }, "file-name/separator", name)
        check(Common.isPrintable(name), "file-name/control", name)
        check(bytes.first.map { !".- ".utf8.contains($0) } ?? false, "file-name/start", name)
        check(bytes.last.map { !". ".utf8.contains($0) } ?? false, "file-name/end", name)
        check(!ASCII.lowercased(name).hasSuffix(".part.journal"), "file-name/ours", name)
        check(FileName.sanitise(name).map { $0.utf8.elementsEqual(bytes) } ?? false, "file-name/fixpoint", name)
    }
}

/// `Repr-Digest`, `Digest` and their relatives: a line is a field.
enum DigestTarget {
    static func run(_ input: FuzzInput) {
        let fields = FuzzInput.fields(input.lines)
        let asked = InstanceDigest.parse(fields)
        Common.checkDigests(asked, "digest/parse")
        for status in [200, 206, 404] {
            let stated = InstanceDigest.stated(by: ResponseHead(status: status, fields: fields))
            Common.checkDigests(stated, "digest/stated")
            if status == 404 || fields["Content-Encoding"] != nil { check(stated.isEmpty, "digest/coded", stated) }
            if !stated.isEmpty { check(asked.allSatisfy(stated.contains), "digest/order", stated) }
        }
        checkBase64(input.text)
        if let digest = Digest.parse(input.text) { Common.checkDigests([digest], "digest/text") }
    }

    /// Base64 has one way to write each sequence of bytes, and no other is read.
    private static func checkBase64(_ text: String) {
        guard let bytes = Base64.decode(text) else { return }
        check(encoded(bytes).elementsEqual(text.utf8), "digest/base64", text)
    }

    private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return stride(from: 0, to: bytes.count, by: 3).flatMap { start -> [UInt8] in
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            let digits = [18, 12, 6, 0].map { alphabet[bits >> $0 & 63] }.prefix(group.count + 1)
            return digits + Array(repeating: UInt8(ascii: "="), count: 3 - group.count)
        }
    }
}

/// The three forms of an HTTP date.
enum HTTPDateTarget {
    static func run(_ input: FuzzInput) {
        if let date = HTTPDate.parse(input.text) {
            // a leap second after the last day of 9999 is the only date that cannot be written
            let isWritable = date.secondsSinceEpoch <= 253_402_300_799
            check(!isWritable || HTTPDate.parse(date.wireForm) == date, "http-date/fixpoint", date)
        }
        let any = HTTPDate(secondsSinceEpoch: input.number)
        check(any.wireForm.utf8.count == 29, "http-date/wire", any)
        let inYears = HTTPDate(secondsSinceEpoch: input.number % 253_402_300_800)
        guard inYears.secondsSinceEpoch >= -62_167_219_200 else { return }
        check(HTTPDate.parse(inYears.wireForm) == inYears, "http-date/wire", inYears)
    }
}

/// `Retry-After`, in the second line the `Date` that it is measured from.
enum RetryAfterTarget {
    static func run(_ input: FuzzInput) {
        let lines = input.lines
        let date = lines.dropFirst().first.flatMap(HTTPDate.parse)
        guard let wait = RetryAfter.parse(lines.first ?? "", date: date) else { return }
        check(wait >= .zero && wait <= RetryAfter.maximum, "retry-after/bounds", wait)
    }
}

/// `-H 'Name: value'`: what is sent as it is.
enum HeaderTarget {
    static func run(_ input: FuzzInput) {
        guard let (name, value) = HeaderFields.parse(argument: input.text) else { return }
        check(HeaderFields.isValid(name: name) && HeaderFields.isValid(value: value), "header/valid", input.text)
        let ends = [value.utf8.first, value.utf8.last]
        check(!ends.contains { $0.map(ASCII.isWhitespace) ?? false }, "header/trimmed", value)
        let again = HeaderFields.parse(argument: "\(name):\t\(value) ")
        check(again.map { $0.name == name && $0.value == value } ?? false, "header/fixpoint", input.text)
    }
}

/// Entity tags: what is read goes back to the origin as it came.
enum EntityTagTarget {
    static func run(_ input: FuzzInput) {
        guard let tag = EntityTag.parse(input.text) else { return }
        check(tag.wireForm.utf8.elementsEqual(ASCII.trimmed(input.text).utf8), "entity-tag/exact", input.text)
        check(EntityTag.parse(tag.wireForm) == tag, "entity-tag/fixpoint", input.text)
        check(HeaderFields.isValid(value: tag.wireForm), "entity-tag/control", input.text)
        check(tag.wireForm != "*" && tag.stronglyMatches(tag) == !tag.isWeak, "entity-tag/match", input.text)
    }
}
