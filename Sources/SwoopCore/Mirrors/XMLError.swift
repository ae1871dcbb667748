// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not the XML that ``XMLReader`` reads, and where.
package struct XMLError: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Fault: Hashable, Sendable, CaseIterable {
        case truncated, notUTF8, encoding, control, syntax, name, attribute, repeatedAttribute, tooManyAttributes
        case tooLong, reference, namespace, tooManyNamespaces, doctype, tooDeep, mismatchedEnd, outsideRoot
    }

    /// What is wrong.
    package let fault: Fault
    /// The line it was found in, from 1.
    package let line: Int

    /// Makes an error from its parts.
    package init(fault: Fault, line: Int) {
        self.fault = fault
        self.line = line
    }
}

extension XMLError.Fault {
    /// What is wrong, to stand after "line 3: ".
    package var text: String {
        switch self {
        case .truncated: "it ends in the middle"
        case .notUTF8: "it is not UTF-8"
        case .encoding: "it is in another encoding than UTF-8"
        case .control: "it holds a control character"
        case .syntax: "it is not XML"
        case .name: "a name is missing or has a character that is not allowed"
        case .attribute: "an attribute is malformed"
        case .repeatedAttribute: "an element has an attribute twice"
        case .tooManyAttributes: "an element has more than \(XMLReader.maximumAttributes) attributes"
        case .tooLong: "a name or an attribute is too long"
        case .reference: "an entity or character reference is unknown or malformed"
        case .namespace: "a namespace prefix is not declared, or declared wrongly"
        case .tooManyNamespaces: "more than \(XMLReader.maximumNamespaces) namespaces are declared"
        case .doctype: "it has a document type declaration, which is not allowed"
        case .tooDeep: "elements are nested deeper than \(XMLReader.maximumDepth)"
        case .mismatchedEnd: "an end tag does not belong to the open element"
        case .outsideRoot: "something stands outside the outermost element"
        }
    }
}
