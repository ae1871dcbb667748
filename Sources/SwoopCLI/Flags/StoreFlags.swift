// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Swoop
internal import SwoopIO

/// Which object store is meant, and with whose credentials it is asked, on the command line.
struct StoreFlags: ParsableArguments {
    @Option(
        help: .init(
            "URL of the store. (default: $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, the profile's, Amazon's)",
            valueName: "url"
        ),
        transform: ArgumentValue.nonEmpty
    )
    var endpointUrl: String?

    @Option(
        help: .init("Region. (default: $AWS_REGION, the profile's, the bucket's)", valueName: "name"),
        transform: ArgumentValue.nonEmpty
    )
    var region: String?

    @Option(
        help: .init("Profile of ~/.aws/config and ~/.aws/credentials. (default: $AWS_PROFILE)", valueName: "name"),
        transform: ArgumentValue.nonEmpty
    )
    var profile: String?

    @Flag(help: "Do not sign requests: for buckets that everybody may use.")
    var noSignRequest = false

    @Option(
        help: .init(
            "What the store allows: \(StoreOptions.providers.joined(separator: ", ")). (default: told by its URL)",
            valueName: "name"
        ),
        transform: Self.provider
    )
    var provider: String?

    private static func provider(_ text: String) throws -> String {
        guard StoreOptions.providers.contains(text) else {
            throw ValidationError("no such provider: there are \(StoreOptions.providers.joined(separator: ", "))")
        }
        return text
    }

    /// The options that the flags ask for.
    var options: StoreOptions {
        var options = StoreOptions()
        options.endpoint = endpointUrl
        options.region = region
        options.profile = profile
        options.isAnonymous = noSignRequest
        options.provider = provider
        for name in StoreOptions.variables {
            if let value = TerminalDevice.environment(name) { options.environment[name] = value }
        }
        return options
    }
}
