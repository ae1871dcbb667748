// SPDX-License-Identifier: Apache-2.0

internal import Swoop
internal import SwoopCore
internal import SwoopS3

// What `swoop put --abort` does.
extension Put {
    /// Removes what interrupted uploads to the destination left at the store.
    func removeUploads(_ destination: S3Location, _ console: Console) async -> ExitStatus {
        do {
            let request = ListRequest(destination.description, store: store.options, http: try network.options)
            let removed = try await TransferClient.withClient(client) { client async throws(TransferError) in
                try await client.removeUploads(request)
            }
            if !view.quiet { console.error("\(removed.count) \(removed.count == 1 ? "upload" : "uploads") removed\n") }
            return .success
        } catch let error as TransferError {
            console.complain("\(destination): \(error.message)")
            return ExitStatus(error.failure)
        } catch {
            console.complain("\(error)")
            return .usage
        }
    }
}
