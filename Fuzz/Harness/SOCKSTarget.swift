// SPDX-License-Identifier: Apache-2.0

/// What a SOCKS proxy answers: the first byte says whether there is a login, the second how the rest is cut into pieces.
enum SOCKSTarget {
    static func run(_ input: FuzzInput) {
        guard input.bytes.count >= 2 else { return }
        let known = HTTPOptions.Credentials(user: "ann", password: "s3cret")
        let login = input.bytes[0] & 1 == 1 ? known : nil
        let replies = input.bytes.dropFirst(2)
        let whole = converse(replies, pieces: replies.count, login: login)
        let cut = converse(replies, pieces: Int(input.bytes[1] & 7) + 1, login: login)
        check(whole.rest == cut.rest, "socks/pieces", "\(replies)")
        check(whole.failure == cut.failure, "socks/pieces-fail", "\(replies)")
        check(!Common.contains(whole.failure?.message ?? "", known.password), "socks/secret", "\(replies)")
        if let rest = whole.rest { check(replies.suffix(rest.count).elementsEqual(rest), "socks/rest", "\(replies)") }
    }

    private static func converse(
        _ replies: ArraySlice<UInt8>,
        pieces: Int,
        login: HTTPOptions.Credentials?
    ) -> (rest: [UInt8]?, failure: TransferFailure?) {
        var handshake = SOCKSHandshake(host: "origin.test", port: 443, credentials: login)
        var left = replies
        var (rest, failure): ([UInt8]?, TransferFailure?) = (nil, nil)
        while !left.isEmpty {
            let piece = left.prefix(max(1, pieces))
            left = left.dropFirst(piece.count)
            var step = handshake.receive(piece)
            // A proxy that talks ahead: what it said before it was asked counts once it is asked.
            while case .send(let bytes) = step {
                check(bytes.count <= 513, "socks/length", "\(bytes.count)")
                step = handshake.receive([])
            }
            switch step {
            case .open(let came): rest = came + Array(left)
            case .failed(let why): failure = why
            case .wait, .send: continue
            }
            break
        }
        return (rest, failure)
    }
}
