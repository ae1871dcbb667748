// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

extension TransferClient {
    /// Uploads a file or a stream to an object store: in one piece if it is small, else in parts over several connections.
    ///
    /// Cancelling the task stops the upload within a moment; of a file, the parts that the store has are kept there, and the
    /// same request goes on with them.
    ///
    /// - Parameters:
    ///   - request: what to upload, where to, how.
    ///   - monitor: where the upload can be watched while it runs.
    /// - Returns: what it came to; ``TransferResult/path`` is the object's URL.
    /// - Throws: ``TransferError``; ``TransferError/partialPath`` is the object's URL if parts of it are kept at the store.
    public func upload(
        _ request: UploadRequest,
        monitor: TransferMonitor = TransferMonitor()
    ) async throws(TransferError) -> TransferResult {
        let start = ContinuousClock.now
        let (ending, record) = await onLoop { loop in await self.ending(of: request, monitor, loop) }
        switch ending {
        case .done(let outcome):
            return TransferResult(
                path: request.url,
                length: outcome.length,
                digests: [],
                verified: nil,
                wasSkipped: false,
                resumedBytes: outcome.resumed,
                elapsed: ContinuousClock.now - start,
                connections: record.connections.values.sorted { $0.connection < $1.connection }
            )
        case .failed(let failure, let kept):
            throw TransferError(
                failure: failure.mentioning(kept),
                url: request.url,
                partialPath: kept?.isResumable == true ? request.url : nil
            )
        }
    }

    private func ending(
        of request: UploadRequest,
        _ monitor: TransferMonitor,
        _ loop: any EventLoop
    ) async -> (UploadDriver.Ending, TransferRecord) {
        do throws(TransferFailure) {
            let store = try await session(for: request.url, request.store, request.http, request.options, on: loop)
            let source = try open(request.source)
            let target = S3Target(store: store, options: request.object, ifNotExists: request.ifNotExists)
            try await target.refuseIfThere()
            let settings = try request.settings(source, store.session.requests.endpoint.profile)
            let journal = try request.journal(source, store, settings.layout.partSize)
            let driver = UploadDriver(
                machine: UploadMachine(settings, origin: try target.origin),
                target: target,
                source: source,
                journal: journal,
                monitor: monitor,
                origins: origins,
                loop: loop
            )
            let ending = await driver.run()
            await journal?.close()
            return ending
        } catch {
            return (.failed(error, kept: nil), TransferRecord())
        }
    }

    private func open(_ source: UploadSource) throws(TransferFailure) -> SourceFile {
        do throws(StoreError) {
            switch source {
            case .file(let path): return try SourceFile(path)
            case .standardInput: return try SourceFile(nil)
            }
        } catch {
            throw error.failure
        }
    }
}

extension UploadRequest {
    fileprivate func settings(_ source: SourceFile, _ profile: StoreProfile) throws(TransferFailure) -> UploadSettings {
        let length = source.identity.length
        let layout: PartLayout
        do throws(MultipartPlanError) {
            layout = try PartLayout(length: length, partSize: partSize, profile: profile)
        } catch {
            throw TransferFailure(.tooLarge, error.message)
        }
        var settings = UploadSettings(name: self.source.name, url: url, layout: layout)
        settings.options = options
        settings.isRereadable = length != nil
        settings.memory = max(UploadSettings.defaultMemory, 2 * layout.partSize)
        return settings
    }

    /// Where the upload is remembered; a stream is not.
    fileprivate func journal(
        _ source: SourceFile,
        _ store: LocatedSession,
        _ partSize: Int64
    ) throws(TransferFailure) -> UploadJournal? {
        guard let stateDirectory, source.identity.length != nil else { return nil }
        let place = "\(store.session.requests.endpoint.base.text) \(store.location)"
        let key = ItemKey(url: place, target: source.absolutePath)
        do throws(StoreError) {
            return try UploadJournal(
                directory: stateDirectory,
                name: "\(key).ndjson",
                source: "\(place) \(source.identity.text) \(object.fingerprint)",
                partSize: partSize,
                isFresh: !options.resume
            )
        } catch {
            throw error.failure
        }
    }
}

extension TransferFailure {
    /// The same, saying what is left at the store if nothing goes on with it.
    fileprivate func mentioning(_ kept: UploadRemainder?) -> TransferFailure {
        guard let kept, !kept.isResumable else { return self }
        var failure = self
        failure.message += " (the upload \(kept.uploadID) is left at the store: remove it with swoop put --abort)"
        return failure
    }
}
