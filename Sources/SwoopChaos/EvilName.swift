// SPDX-License-Identifier: Apache-2.0

/// Content-Disposition fields that name a file somewhere or somehow it must not be made (RFC 6266 section 4.3).
enum EvilName: String, CaseIterable, Sendable {
    case traversal
    case encodedTraversal = "encoded-traversal"
    case absolute
    case backslash
    case drive
    case nul
    case control
    case escape
    case long
    case dotfile
    case dots
    case blank
    case device
    case trailing
    case stream
    case bidi
    case option
    case unterminated
    case twice

    /// The field's value, as sent.
    var contentDisposition: String {
        switch self {
        case .encodedTraversal: "attachment; filename*=UTF-8''..%2F..%2Fevil.bin"
        case .unterminated: "attachment; filename=\"evil.bin"
        case .twice: "attachment; filename=\"good.bin\"; filename=\"../evil.bin\"; filename*=UTF-8''%2Fetc%2Fevil.bin"
        default: "attachment; filename=\"\(fileName)\""
        }
    }

    private var fileName: String {
        switch self {
        case .absolute: "/etc/cron.d/evil"
        case .backslash: "..\\\\..\\\\evil.bin"
        case .drive: "C:\\\\Windows\\\\evil.bin"
        case .nul: "evil.bin\u{0}.txt"
        case .control: "evil\u{1}\u{7F}\t.bin"
        case .escape: "evil\u{1B}[2J\u{1B}]0;owned\u{7}.bin"
        case .long: String(repeating: "a", count: 300) + ".bin"
        case .dotfile: ".bashrc"
        case .dots: ".."
        case .blank: "   "
        case .device: "CON.txt"
        case .trailing: "evil.bin. . "
        case .stream: "evil.bin:hidden"
        case .bidi: "evil\u{202E}nib.exe"
        case .option: "-rf"
        default: "../../evil.bin"
        }
    }
}
