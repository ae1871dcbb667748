// SPDX-License-Identifier: Apache-2.0

/// `Link` fields, one a line, and what they say of mirrors.
enum LinkTarget {
    static func run(_ input: FuzzInput) {
        guard let base = try? HTTPURL.parse("https://user:password@example.org/dir/file?a=b") else { return }
        let lines = input.lines
        let links = LinkField.parse(lines)
        check(links.count <= LinkField.maximumLinks, "link/count", links.count)
        for link in links { checkLink(link) }
        let found = MirrorLinks.from(HeaderFields(lines.map { ("Link", $0) }), base: base)
        checkMirrors(found.duplicates)
        for url in found.duplicates.map(\.url) + found.describedBy {
            URLTarget.checkURL(url)
            check(url.text != base.text && url.user == nil && url.password == nil, "link/url", url.text)
        }
        check(Set(found.describedBy.map(\.text)).count == found.describedBy.count, "link/once", found)
    }

    private static func checkLink(_ link: LinkField.Link) {
        check(!link.target.utf8.contains(UInt8(ascii: ">")), "link/target", link)
        for parameter in link.parameters {
            check(HeaderFields.isValid(name: parameter.name), "link/name", parameter)
            check(ASCII.lowercased(parameter.name) == parameter.name, "link/name", parameter)
        }
        for relation in link.relations { check(!relation.isEmpty, "link/relation", link) }
    }

    /// Mirrors by priority, each once, none with a login.
    static func checkMirrors(_ mirrors: [MirrorURL]) {
        check(mirrors.count <= MirrorURL.maximumCount, "mirrors/count", mirrors.count)
        let order = mirrors.map(\.priority)
        check(zip(order, order.dropFirst()).allSatisfy { $0 <= $1 }, "mirrors/order", order)
        check(Set(mirrors.map(\.url)).count == mirrors.count, "mirrors/once", mirrors)
        for mirror in mirrors {
            check((1...MirrorURL.lowestPriority).contains(mirror.priority), "mirrors/priority", mirror)
            check(mirror.url.user == nil && mirror.url.password == nil, "mirrors/login", mirror)
            let isCountry = mirror.location.map { $0.utf8.count == 2 && $0.utf8.allSatisfy(ASCII.isLetter) }
            check(isCountry ?? true, "mirrors/location", mirror)
        }
    }
}

/// Metalink documents of both versions.
enum MetalinkTarget {
    static func run(_ input: FuzzInput) {
        do throws(MetalinkError) {
            let metalink = try Metalink.parse(input.bytes)
            check((1...Metalink.maximumFiles).contains(metalink.files.count), "metalink/files", metalink)
            for file in metalink.files { checkFile(file) }
        } catch {
            let lines = input.bytes.count { $0 == UInt8(ascii: "\n") } + 1
            check((1...lines).contains(error.line), "metalink/line", error)
            check(Common.isPrintable(error.message), "metalink/message", error)
        }
    }

    private static func checkFile(_ file: Metalink.File) {
        ContentDispositionTarget.checkSafe(file.name)
        check(file.size.map { $0 >= 0 } ?? true, "metalink/size", file)
        Common.checkDigests(file.digests, "metalink/digests")
        LinkTarget.checkMirrors(file.urls)
        for mirror in file.urls { URLTarget.checkURL(mirror.url) }
        guard let pieces = file.pieces else { return }
        check(pieces.length > 0 && !pieces.digests.isEmpty, "metalink/pieces", pieces)
        check(pieces.digests.allSatisfy { $0.algorithm == pieces.algorithm }, "metalink/pieces", pieces)
        if let size = file.size { checkPieces(pieces, size) }
    }

    /// The pieces cover the file without gap or overlap.
    private static func checkPieces(_ pieces: PieceDigests, _ size: Int64) {
        check(pieces.fits(total: size), "metalink/fit", pieces)
        var end: Int64 = 0
        for index in pieces.digests.indices {
            guard let range = pieces.range(of: index, total: size) else { return check(false, "metalink/gap", index) }
            check(range.lower == end && !range.isEmpty, "metalink/gap", range)
            end = range.upper
        }
        check(end == size, "metalink/gap", end)
    }
}

/// The XML below it: events are nested, bounded, and of legal characters.
enum XMLTarget {
    static func run(_ input: FuzzInput) {
        do throws(XMLError) {
            try walk(input.bytes)
        } catch {
            let lines = input.bytes.count { $0 == UInt8(ascii: "\n") } + 1
            check((1...lines).contains(error.line), "xml/line", error)
        }
    }

    private static func walk(_ bytes: [UInt8]) throws(XMLError) {
        var reader = try XMLReader(bytes)
        var depth = 0
        var roots = 0
        while let event = try reader.next() {
            switch event {
            case .start(let element):
                checkElement(element)
                if depth == 0 { roots += 1 }
                depth += 1
            case .text(let text): check(depth > 0 && !text.isEmpty && isLegal(text), "xml/text", text)
            case .end: depth -= 1
            }
            check((0...XMLReader.maximumDepth).contains(depth), "xml/depth", depth)
        }
        check(depth == 0 && roots == 1, "xml/root", (depth, roots))
        let more = try reader.next()
        check(more == nil, "xml/end", String(describing: more))
    }

    private static func checkElement(_ element: XMLElement) {
        check(element.attributes.count <= XMLReader.maximumAttributes, "xml/attributes", element)
        check(Set(element.attributes.map(\.name)).count == element.attributes.count, "xml/repeated", element)
        for name in [element.name] + element.attributes.map(\.name) {
            check(!name.local.isEmpty && name.local.utf8.count <= XMLScanner.maximumName, "xml/name", name)
            check(!name.local.utf8.contains { ":<>&\"' ".utf8.contains($0) }, "xml/name", name)
        }
        for attribute in element.attributes {
            check(attribute.value.utf8.count <= XMLScanner.maximumAttribute, "xml/long", attribute)
            check(isLegal(attribute.value), "xml/attribute", attribute)
        }
    }

    private static func isLegal(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 || "\t\n\r".utf8.contains($0) }
    }
}
