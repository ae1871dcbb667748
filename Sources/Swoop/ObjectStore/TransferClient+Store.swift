// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwoopCore
internal import SwoopIO
internal import SwoopS3

extension TransferClient {
    /// A session with the store that an `s3` URL means, its credentials found and its region known.
    func session(
        for url: String,
        _ store: StoreOptions,
        _ http: HTTPOptions,
        _ options: TransferOptions,
        on loop: any EventLoop
    ) async throws(TransferFailure) -> LocatedSession {
        let location = try store.location(url)
        let plan = try store.plan()
        let endpoint = try store.makeEndpoint(plan)
        let transport = try transports.transport(options: http, connectTimeout: options.connectTimeout, on: loop)
        let sources = CredentialSources(steps: plan.steps, transport: transport)
        let keeper = try await CredentialKeeper { () async throws(TransferFailure) in try await sources.find() }
        let session = S3Session(
            requests: S3Requests(endpoint: endpoint, bucket: location.bucket),
            transport: transport,
            credentials: keeper
        )
        let isRegionKnown = plan.region != nil || store.region != nil || endpoint.profile.name != StoreProfile.aws.name
        let located = LocatedSession(session: session, location: location)
        return isRegionKnown ? located : try await located.inItsRegion()
    }
}

extension LocatedSession {
    /// The same session in the bucket's own region, which Amazon says to whoever asks for the bucket.
    fileprivate func inItsRegion() async throws(TransferFailure) -> LocatedSession {
        let requests = session.requests
        let said: String?
        switch try await session.exchange(try make { (requests) throws(S3RequestError) in try requests.headBucket() }) {
        case .reply(let reply): said = reply.fields["x-amz-bucket-region"]
        case .error(let error): said = error.region
        }
        guard let said, said != requests.endpoint.region else { return self }
        do throws(S3EndpointError) {
            let endpoint = try S3Endpoint(
                url: nil,
                region: said,
                profile: requests.endpoint.profile,
                pathStyle: requests.endpoint.pathStyle
            )
            let there = S3Requests(endpoint: endpoint, bucket: requests.bucket)
            let moved = S3Session(requests: there, transport: session.transport, credentials: session.credentials)
            return LocatedSession(session: moved, location: location)
        } catch {
            throw TransferFailure(.badURL, error.message)
        }
    }
}

extension StoreOptions {
    /// Names of the variables that ``environment`` is to hold.
    public static let variables = CredentialPlan.variables

    fileprivate func location(_ url: String) throws(TransferFailure) -> S3Location {
        do throws(S3LocationError) {
            return try S3Location.parse(url)
        } catch {
            throw TransferFailure(.badURL, error.message)
        }
    }

    fileprivate func plan() throws(TransferFailure) -> CredentialPlan {
        let home = environment["HOME"] ?? ""
        let configuration = SharedConfiguration(
            config: Self.text(environment["AWS_CONFIG_FILE"] ?? home + "/.aws/config"),
            credentials: Self.text(environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home + "/.aws/credentials")
        )
        do throws(CredentialPlan.Problem) {
            return try CredentialPlan(
                environment: environment,
                configuration: configuration,
                profile: profile,
                isAnonymous: isAnonymous
            )
        } catch {
            throw TransferFailure(.badURL, error.message)
        }
    }

    /// A file that is not there says nothing.
    private static func text(_ path: String) -> String { (try? SmallFile.text(path)) ?? "" }

    fileprivate func makeEndpoint(_ plan: CredentialPlan) throws(TransferFailure) -> S3Endpoint {
        var url: HTTPURL?
        if let text = endpoint ?? plan.endpoint {
            do throws(HTTPURLError) {
                url = try HTTPURL.parse(text)
            } catch {
                throw TransferFailure(.badURL, "the URL of the store: \(error.message)")
            }
        }
        do throws(S3EndpointError) {
            let profile = provider.flatMap { StoreProfile.named($0) }
            return try S3Endpoint(url: url, region: region ?? plan.region, profile: profile, pathStyle: nil)
        } catch {
            throw TransferFailure(.badURL, error.message)
        }
    }
}
