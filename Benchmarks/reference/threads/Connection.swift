// SPDX-License-Identifier: Apache-2.0
import Glibc

/// One blocking, kept-alive HTTP/1.1 connection with its own read buffer.
struct Connection: ~Copyable {
    private static let bufferSize = 512 << 10

    private let socket: Int32
    private let target: Target
    private let buffer: UnsafeMutableRawBufferPointer

    init(to target: Target) throws {
        socket = try Self.connect(to: target)
        self.target = target
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 4096)
    }

    deinit {
        buffer.deallocate()
        close(socket)
    }

    /// The file's length, by HEAD.
    func length() throws -> Int {
        try send(target.request("HEAD"))
        let (head, _) = try receiveHead()
        guard head.status == 200 else { throw Failure("HEAD was answered with \(head.status)") }
        return head.contentLength
    }

    /// Fetches `range` and writes it at its offset in `file`.
    func fetch(_ range: Range<Int>, into file: Int32) throws {
        try send(target.request("GET", range: range))
        let (head, early) = try receiveHead()
        guard head.status == 206, head.contentLength == range.count, early.count <= range.count else {
            throw Failure("bytes \(range) were answered with \(head.status), \(head.contentLength) bytes")
        }
        try write(early, at: range.lowerBound, to: file)
        var offset = range.lowerBound + early.count
        while offset < range.upperBound {
            let count = try receive(into: buffer[..<min(buffer.count, range.upperBound - offset)])
            try write(buffer[..<count], at: offset, to: file)
            offset += count
        }
    }

    /// Reads up to the empty line; what came behind it is the beginning of the body.
    private func receiveHead() throws -> (ResponseHead, Slice<UnsafeMutableRawBufferPointer>) {
        var filled = 0
        while filled < buffer.count {
            filled += try receive(into: buffer[filled...])
            guard let end = Self.endOfHead(in: buffer[..<filled]) else { continue }
            return (try ResponseHead(String(decoding: buffer[..<end], as: UTF8.self)), buffer[end..<filled])
        }
        throw Failure("the response head is larger than \(buffer.count) bytes")
    }

    private static func endOfHead(in bytes: Slice<UnsafeMutableRawBufferPointer>) -> Int? {
        let emptyLine: [UInt8] = [13, 10, 13, 10]
        var index = bytes.startIndex
        while index + emptyLine.count <= bytes.endIndex {
            if bytes[index..<index + emptyLine.count].elementsEqual(emptyLine) { return index + emptyLine.count }
            index += 1
        }
        return nil
    }

    private func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { throw systemFailure("cannot send") }
            rest = rest.dropFirst(sent)
        }
    }

    private func receive(into space: Slice<UnsafeMutableRawBufferPointer>) throws -> Int {
        while true {
            let count = recv(socket, UnsafeMutableRawBufferPointer(rebasing: space).baseAddress, space.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw systemFailure("cannot receive") }
            guard count > 0 else { throw Failure("the server closed the connection early") }
            return count
        }
    }

    private func write(_ bytes: Slice<UnsafeMutableRawBufferPointer>, at offset: Int, to file: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            let position = offset + bytes.count - rest.count
            let count = pwrite(file, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count, position)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw systemFailure("cannot write") }
            rest = rest.dropFirst(count)
        }
    }

    private static func connect(to target: Target) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(target.host, target.port, &hints, &list)
        guard code == 0, let list else { throw Failure("\(target.host): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        let address = list.pointee
        let socket = Glibc.socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        guard socket >= 0 else { throw systemFailure("cannot make a socket") }
        guard Glibc.connect(socket, address.ai_addr, address.ai_addrlen) == 0 else {
            defer { close(socket) }
            throw systemFailure("\(target.host):\(target.port)")
        }
        return socket
    }
}

/// A failure that names the system's reason.
func systemFailure(_ what: String) -> Failure {
    Failure("\(what): \(String(cString: strerror(errno)))")
}
