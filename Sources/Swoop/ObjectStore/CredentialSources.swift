// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

/// Asks for credentials wherever a plan says, until somebody has some.
struct CredentialSources: Sendable {
    let steps: [CredentialStep]
    let transport: ClientTransport

    /// The machine's own address for questions about itself.
    private static let machine = "http://169.254.169.254"
    /// Nobody answers there on most machines: it is not waited for long.
    private static let machinePatience: Duration = .seconds(1)

    /// Credentials, or `nil` if requests are not to be signed.
    ///
    /// - Throws: ``TransferFailure`` if nobody has any.
    func find() async throws(TransferFailure) -> S3Credentials? {
        for step in steps {
            switch step {
            case .anonymous: return nil
            case .given(let credentials): return credentials
            case .process(let words): return try await process(words)
            case .container(let url, let file, let token): return try await container(url, file, token)
            case .instanceMetadata:
                if let credentials = await instance() { return credentials }
            }
        }
        let advice = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write --profile NAME, or --no-sign-request"
        throw TransferFailure(.badURL, "no credentials for the store: \(advice)")
    }

    private func process(_ words: [String]) async throws(TransferFailure) -> S3Credentials {
        guard let text = await ChildProgram.output(of: words), let credentials = S3Credentials(json: text) else {
            throw TransferFailure(.badURL, "credential_process has written no credentials: run it by hand to see why")
        }
        return credentials
    }

    private func container(
        _ text: String,
        _ file: String?,
        _ token: String?
    ) async throws(TransferFailure) -> S3Credentials {
        let held = file.flatMap { try? SmallFile.text($0) }.map {
            $0.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        }
        let fields = HeaderFields((held ?? token).map { [("Authorization", $0)] } ?? [])
        guard let reply = try await get(text, fields), let credentials = S3Credentials(json: reply) else {
            throw TransferFailure(
                .badURL,
                "the container's service for credentials has none: check the role of the task"
            )
        }
        return credentials
    }

    /// IMDSv2: a token first, then the name of the role, then what belongs to it.
    private func instance() async -> S3Credentials? {
        let base = Self.machine + "/latest/meta-data/iam/security-credentials/"
        let ttl = HeaderFields([("X-aws-ec2-metadata-token-ttl-seconds", "21600")])
        guard let token = try? await quickly({ try await get(Self.machine + "/latest/api/token", ttl, method: "PUT") })
        else {
            return nil
        }
        let fields = HeaderFields([("X-aws-ec2-metadata-token", token)])
        guard let roles = try? await get(base, fields), let role = roles.split(whereSeparator: \.isNewline).first,
            let text = try? await get(base + role, fields)
        else { return nil }
        return S3Credentials(json: text)
    }

    private func quickly(_ ask: @escaping @Sendable () async throws -> String?) async throws -> String? {
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await ask() }
            group.addTask {
                try await Task.sleep(for: Self.machinePatience)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func get(
        _ text: String,
        _ fields: HeaderFields,
        method: String = "GET"
    ) async throws(TransferFailure) -> String? {
        guard let url = try? HTTPURL.parse(text) else { return nil }
        let reply = try await transport.send(HTTPMessage(method: method, url: url, fields: fields))
        return reply.status == 200 ? String(decoding: reply.body, as: UTF8.self) : nil
    }
}
