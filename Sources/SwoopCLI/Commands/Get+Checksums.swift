// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopCore
internal import SwoopIO

// The digests that --checksum-file names.
extension Get {
    /// The list of checksums, from a file or a URL.
    func checksums(_ console: Console) async throws -> ChecksumList? {
        guard let place = transfer.checksumFile else { return nil }
        let list = ChecksumList(parsing: try await text(of: place, console))
        guard list.count > 0 else { throw ValidationError("\(Redaction.url(place)) has no checksum that can be read") }
        return list
    }

    /// What is for the URL's own origin goes with the list only if it is there, too.
    private func checksumRequest(_ place: String) throws -> TransferRequest {
        let options = try http.options(over: network)
        let origins = urls.map { try? HTTPURL.parse($0).origin }
        let isOwn = (try? HTTPURL.parse(place).origin).map { own in origins.allSatisfy { $0 == own } } ?? false
        var request = TransferRequest(
            place,
            options: transfer.options(over: connection),
            http: isOwn ? options : options.withoutSecrets
        )
        request.options.expectedDigest = nil
        return request
    }

    private func text(of place: String, _ console: Console) async throws -> String {
        if ["http://", "https://"].contains(where: { place.lowercased().hasPrefix($0) }) {
            let request = try checksumRequest(place)
            do throws(TransferError) {
                let bytes = try await TransferClient.withClient(client) { client async throws(TransferError) in
                    try await client.document(request, mostBytes: SmallFile.maximumBytes)
                }
                return String(decoding: bytes, as: UTF8.self)
            } catch {
                console.complain("the list of checksums: \(error.message)")
                throw ended(ExitStatus(error.failure), console)
            }
        }
        do throws(StoreError) {
            return try SmallFile.text(place)
        } catch {
            throw ValidationError(error.failure.message)
        }
    }
}
