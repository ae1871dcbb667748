// SPDX-License-Identifier: Apache-2.0

/// The name of an element or attribute: its namespace, as declared for its prefix, and what stands after the prefix.
package struct XMLName: Hashable, Sendable {
    /// The namespace name; `nil` without one, which is the rule for attributes.
    package let namespace: String?
    /// The name without its prefix.
    package let local: String
}

/// An attribute of a start tag.
package struct XMLAttribute: Hashable, Sendable {
    /// The attribute's name.
    package let name: XMLName
    /// The value, with references replaced.
    package let value: String
}

/// A start tag.
package struct XMLElement: Hashable, Sendable {
    /// The element's name.
    package let name: XMLName
    /// The attributes in document order, without namespace declarations.
    package let attributes: [XMLAttribute]

    /// The value of the attribute of this name that is in no namespace.
    package subscript(name: String) -> String? {
        attributes.first { $0.name.namespace == nil && $0.name.local == name }?.value
    }
}

/// Reads the part of XML 1.0 that machine-made documents use, one event at a time.
///
/// Elements, attributes, namespaces, character data, CDATA, comments, processing instructions, the predefined entities
/// and character references. Only UTF-8. A document type declaration is refused: with it go entities that multiply or
/// that name files. Comments and processing instructions are skipped unread. `]]>` in character data is tolerated.
///
/// The caller bounds the size; time and memory are in proportion to it.
/// - Source: XML 1.0 (fifth edition); Namespaces in XML 1.0 (third edition).
package struct XMLReader: Sendable {
    /// How deep elements may be nested.
    package static let maximumDepth = 32
    /// How many attributes and namespace declarations an element may have.
    package static let maximumAttributes = 32
    /// How many namespace declarations may be in force at once.
    package static let maximumNamespaces = 64

    /// What comes next.
    package enum Event: Hashable, Sendable {
        /// A start tag; an ``end`` follows for each, also for an empty-element tag.
        case start(XMLElement)
        /// Character data, never empty; neighbours are not joined.
        case text(String)
        /// The end of the innermost open element.
        case end
    }

    private struct Open: Sendable {
        /// The name with its prefix, as the end tag must repeat it.
        let name: String
        /// How many namespace declarations were in force around it.
        let outerBindings: Int
    }

    private var scanner: XMLScanner
    private var open: [Open] = []
    private var bindings: [(prefix: String, namespace: String)] = []
    private var hasRoot = false
    private var endsAtOnce = false

    /// Reads the XML declaration, if there is one.
    package init(_ bytes: [UInt8]) throws(XMLError) {
        let isUTF16 = bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
        if isUTF16 || bytes.prefix(2).contains(0) { throw XMLError(fault: .encoding, line: 1) }
        scanner = XMLScanner(bytes)
        if scanner.take("<?xml ") || scanner.take("<?xml\t") || scanner.take("<?xml\n") || scanner.take("<?xml\r") {
            try readDeclaration()
        }
    }

    /// The line that has been reached, from 1. Takes time in proportion to what has been read: meant for errors.
    package var line: Int { scanner.line }

    /// The next event; `nil` once the document is complete.
    package mutating func next() throws(XMLError) -> Event? {
        if endsAtOnce { return close() }
        while scanner.current != nil {
            if let event = try step() { return event }
        }
        guard hasRoot, open.isEmpty else { throw scanner.error(.truncated) }
        return nil
    }
}

extension XMLReader {
    private mutating func step() throws(XMLError) -> Event? {
        if scanner.current != UInt8(ascii: "<") {
            let content = try scanner.text()
            return try text(content)
        }
        if scanner.take("<!--") {
            try skipComment()
        } else if scanner.take("<![CDATA[") {
            guard !open.isEmpty else { throw scanner.error(.outsideRoot) }
            let content = try scanner.sectionText()
            return try text(content)
        } else if scanner.take("<?") {
            try skipInstruction()
        } else if scanner.starts(with: "<!") {
            throw scanner.error(scanner.starts(with: "<!DOCTYPE") ? .doctype : .syntax)
        } else if scanner.take("</") {
            return try end()
        } else {
            return try start()
        }
        return nil
    }

    private func text(_ content: String) throws(XMLError) -> Event? {
        if open.isEmpty, !content.utf8.allSatisfy(XMLScanner.isWhitespace) { throw scanner.error(.outsideRoot) }
        return open.isEmpty || content.isEmpty ? nil : .text(content)
    }

    private mutating func skipComment() throws(XMLError) {
        try scanner.skip(past: "--")
        try scanner.expect(">", or: .syntax)
    }

    private mutating func skipInstruction() throws(XMLError) {
        guard ASCII.lowercased(try scanner.name()) != "xml" else { throw scanner.error(.syntax) }
        try scanner.skip(past: "?>")
    }

    /// `version`, `encoding` and `standalone` (XML 1.0 section 2.8); of these only the encoding matters.
    private mutating func readDeclaration() throws(XMLError) {
        var encoding: String?
        while !scanner.take("?>") {
            _ = scanner.skipWhitespace()
            if scanner.take("?>") { break }
            let (name, value) = try rawAttribute()
            if name == "encoding" { encoding = ASCII.lowercased(value) }
        }
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(encoding ?? "utf-8") else {
            throw scanner.error(.encoding)
        }
    }

    private mutating func rawAttribute() throws(XMLError) -> (name: String, value: String) {
        let name = try scanner.name()
        _ = scanner.skipWhitespace()
        try scanner.expect("=", or: .attribute)
        _ = scanner.skipWhitespace()
        return (name, try scanner.attributeValue())
    }

    private mutating func end() throws(XMLError) -> Event {
        let name = try scanner.name()
        _ = scanner.skipWhitespace()
        try scanner.expect(">", or: .syntax)
        guard let innermost = open.last, innermost.name == name else { throw scanner.error(.mismatchedEnd) }
        return close()
    }

    private mutating func close() -> Event {
        endsAtOnce = false
        if let closed = open.popLast() { bindings.removeLast(bindings.count - closed.outerBindings) }
        return .end
    }

    private mutating func start() throws(XMLError) -> Event {
        try scanner.expect("<", or: .syntax)
        guard !open.isEmpty || !hasRoot else { throw scanner.error(.outsideRoot) }
        guard open.count < Self.maximumDepth else { throw scanner.error(.tooDeep) }
        let name = try scanner.name()
        open.append(Open(name: name, outerBindings: bindings.count))
        hasRoot = true
        let attributes = try rawAttributes()
        for (name, value) in attributes { try declare(name, value) }
        let element = XMLElement(name: try resolve(name, isElement: true), attributes: try resolve(attributes))
        endsAtOnce = scanner.take("/")
        try scanner.expect(">", or: .syntax)
        return .start(element)
    }

    private mutating func rawAttributes() throws(XMLError) -> [(name: String, value: String)] {
        var attributes: [(name: String, value: String)] = []
        while true {
            let isSeparate = scanner.skipWhitespace()
            if scanner.starts(with: ">") || scanner.starts(with: "/") { return attributes }
            guard isSeparate else { throw scanner.error(.syntax) }
            guard attributes.count < Self.maximumAttributes else { throw scanner.error(.tooManyAttributes) }
            let attribute = try rawAttribute()
            guard !attributes.contains(where: { $0.name == attribute.name }) else {
                throw scanner.error(.repeatedAttribute)
            }
            attributes.append(attribute)
        }
    }
}

// Namespaces: a declaration holds for its element and everything in it.
extension XMLReader {
    private static let xmlNamespace = "http://www.w3.org/XML/1998/namespace"
    private static let declarationNamespace = "http://www.w3.org/2000/xmlns/"

    private static func isDeclaration(_ name: String) -> Bool {
        name == "xmlns" || name.utf8.starts(with: "xmlns:".utf8)
    }

    private mutating func declare(_ name: String, _ value: String) throws(XMLError) {
        guard Self.isDeclaration(name) else { return }
        let prefix = try split(name).map { $0.local } ?? ""
        let isReserved = prefix == "xmlns" || value == Self.declarationNamespace
        let isXML = prefix == "xml" && value == Self.xmlNamespace
        let isTaken = !isXML && (prefix == "xml" || value == Self.xmlNamespace)
        guard !isReserved, !isTaken, prefix.isEmpty || !value.isEmpty else { throw scanner.error(.namespace) }
        guard bindings.count < Self.maximumNamespaces else { throw scanner.error(.tooManyNamespaces) }
        bindings.append((prefix, value))
    }

    private func resolve(_ raw: [(name: String, value: String)]) throws(XMLError) -> [XMLAttribute] {
        var attributes: [XMLAttribute] = []
        for (name, value) in raw where !Self.isDeclaration(name) {
            let name = try resolve(name, isElement: false)
            guard !attributes.contains(where: { $0.name == name }) else { throw scanner.error(.repeatedAttribute) }
            attributes.append(XMLAttribute(name: name, value: value))
        }
        return attributes
    }

    /// The default namespace is for elements only (Namespaces in XML 1.0 section 6.2).
    private func resolve(_ name: String, isElement: Bool) throws(XMLError) -> XMLName {
        guard let (prefix, local) = try split(name) else {
            let inherited = isElement ? bindings.last { $0.prefix.isEmpty }?.namespace : nil
            return XMLName(namespace: inherited.flatMap { $0.isEmpty ? nil : $0 }, local: name)
        }
        if prefix == "xml" { return XMLName(namespace: Self.xmlNamespace, local: local) }
        guard let binding = bindings.last(where: { $0.prefix == prefix }) else { throw scanner.error(.namespace) }
        return XMLName(namespace: binding.namespace, local: local)
    }

    /// What stands before and after the colon; `nil` without one.
    private func split(_ name: String) throws(XMLError) -> (prefix: String, local: String)? {
        guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let (prefix, local) = (String(name[..<colon]), String(name[name.utf8.index(after: colon)...]))
        guard !prefix.isEmpty, !local.isEmpty, !local.utf8.contains(UInt8(ascii: ":")) else {
            throw scanner.error(.name)
        }
        return (prefix, local)
    }
}
