// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO

// The whole glue: one line per command.
extension UploadDriver {
    func perform(_ command: UploadCommand, now: Duration, in group: inout DiscardingTaskGroup) {
        let (target, source) = (target, source)
        switch command {
        case .list(let uploadID):
            post(in: &group) { () async throws(TransferFailure) in try await target.parts(of: uploadID) }
        case .create: post(in: &group) { () async throws(TransferFailure) in try await target.create() }
        case .complete(let uploadID, let parts, let length):
            post(in: &group) { () async throws(TransferFailure) in
                try await target.complete(uploadID, parts, length: length)
            }
        case .inspect: post(in: &group) { () async throws(TransferFailure) in try await target.inspect() }
        case .abort(let uploadID):
            post(in: &group) { () async throws(TransferFailure) in try await target.abort(uploadID) }
        case .check(let number, let range, let digest):
            read(in: &group) { () async throws(StoreError) in
                .checked(number, isSame: try await source.has(digest, in: range, lane: number))
            }
        case .load(let number, let range): load(number, range, in: &group)
        case .send(let number, let attempt, let uploadID):
            send(Attempt(part: number, number: attempt), uploadID, in: &group)
        case .stop(let number, let attempt):
            sendings.removeValue(forKey: Attempt(part: number, number: attempt))?.cancel()
        case .release(let number): pieces[number] = nil
        case .recordUpload(let uploadID): journal?.begin(uploadID)
        case .recordPart(let number, let part): journal?.add(number, part)
        case .forget: journal?.forget()
        case .wake(let deadline): wake(after: deadline - now)
        case .note(let notice): tell(notice)
        case .finish(let outcome): ending = .done(outcome)
        case .fail(let failure, let kept): ending = .failed(failure, kept: kept)
        }
    }

    /// Asks the store something, and posts its one answer.
    private func post(
        in group: inout DiscardingTaskGroup,
        _ work: @escaping @Sendable () async throws(TransferFailure) -> UploadEvent
    ) {
        let inbox = inbox
        group.addTask {
            do throws(TransferFailure) {
                inbox.post(try await work())
            } catch {
                inbox.post(.failed(error))
            }
        }
    }

    /// Reads of the source, and posts what came of it.
    private func read(
        in group: inout DiscardingTaskGroup,
        _ work: @escaping @Sendable () async throws(StoreError) -> UploadEvent
    ) {
        let inbox = inbox
        group.addTask {
            do throws(StoreError) {
                inbox.post(try await work())
            } catch {
                inbox.post(.sourceFailed(error.failure))
            }
        }
    }

    private func load(_ number: Int, _ range: ByteRange, in group: inout DiscardingTaskGroup) {
        let source = source
        read(in: &group) { () async throws(StoreError) in
            let piece = try await source.read(range, lane: number)
            await self.keep(piece, as: number)
            let count = Int64(piece.bytes.readableBytes)
            return .loaded(number, count: count, digest: piece.digest, isLast: piece.isShort)
        }
    }

    private func keep(_ piece: SourceFile.Piece, as number: Int) { pieces[number] = piece }

    private func send(_ attempt: Attempt, _ uploadID: String?, in group: inout DiscardingTaskGroup) {
        guard let piece = pieces[attempt.part] else { return }
        let (target, inbox, cancellation) = (target, inbox, Cancellation())
        sendings[attempt] = cancellation
        let (part, number) = (attempt.part, attempt.number)
        group.addTask {
            let sending = PartSending(part: part, piece: piece, cancellation: cancellation) { upTo in
                inbox.post(.wrote(part, attempt: number, upTo: upTo))
            }
            do throws(TransferFailure) {
                switch try await target.send(sending, uploadID: uploadID) {
                case .stored(let tag): inbox.post(.stored(part, attempt: number, tag: tag))
                case .uploadGone: inbox.post(.uploadGone(uploadID: uploadID ?? ""))
                }
            } catch {
                inbox.post(.partFailed(part, attempt: number, error))
            }
        }
    }

    private func wake(after delay: Duration) {
        let inbox = inbox
        timer?.cancel()
        timer = loop.scheduleTask(in: TimeAmount(delay)) { inbox.post(.wake) }
    }
}
