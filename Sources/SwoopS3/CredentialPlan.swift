// SPDX-License-Identifier: Apache-2.0

internal import SwoopCore

/// Where credentials are looked for, in the order of the AWS CLI.
public enum CredentialStep: Hashable, Sendable {
    /// They are here.
    case given(S3Credentials)
    /// This program writes them to its standard output, as JSON.
    case process([String])
    /// This URL answers with them, as JSON; the file or the text holds the value of its Authorization field.
    case container(url: String, tokenFile: String?, token: String?)
    /// The machine that this runs on knows them (IMDSv2).
    case instanceMetadata
    /// Nobody asks: requests are not signed.
    case anonymous
}

/// Which store is asked, and with what.
public struct CredentialPlan: Hashable, Sendable {
    /// Why none can be made.
    public struct Problem: Error, Hashable, Sendable {
        /// What is wrong and what to do.
        public let message: String
    }

    /// Variables of the environment that matter.
    public static let variables = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
        "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
        "HOME",
    ]

    /// What to try; the first that has credentials counts.
    public let steps: [CredentialStep]
    /// Region, if anything says one.
    public let region: String?
    /// URL of the store, if anything says one.
    public let endpoint: String?

    /// Makes the plan.
    ///
    /// - Parameters:
    ///   - environment: those of ``variables`` that are set.
    ///   - configuration: what the files say.
    ///   - profile: the user's choice, or `nil` for `$AWS_PROFILE`, else `default`.
    ///   - isAnonymous: whether requests are not to be signed.
    /// - Throws: ``Problem`` if the profile is not there, or needs what is not supported.
    public init(
        environment: [String: String],
        configuration: SharedConfiguration,
        profile: String?,
        isAnonymous: Bool
    ) throws(Problem) {
        let chosen = profile ?? environment["AWS_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        let settings = configuration[chosen ?? "default"]
        if let chosen, settings == nil {
            throw Problem(message: "no profile \(chosen) in ~/.aws/config and ~/.aws/credentials: check its name")
        }
        region = Self.first([environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"], settings?["region"]])
        endpoint = Self.first([
            environment["AWS_ENDPOINT_URL_S3"], environment["AWS_ENDPOINT_URL"], settings?["s3.endpoint_url"],
            settings?["endpoint_url"],
        ])
        steps =
            isAnonymous ? [.anonymous] : try Self.steps(environment, settings ?? [:], isProfileChosen: profile != nil)
    }

    private static func steps(
        _ environment: [String: String],
        _ settings: [String: String],
        isProfileChosen: Bool
    ) throws(Problem) -> [CredentialStep] {
        var steps: [CredentialStep] = []
        let names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        // A profile that was named on the command line goes before the environment.
        if !isProfileChosen, let given = credentials(environment, names) { steps.append(.given(given)) }
        if settings["role_arn"] != nil, steps.isEmpty {
            let advice = "use credential_process, as in 'aws configure export-credentials'"
            throw Problem(message: "the profile takes a role (role_arn), which swoop does not do yet: \(advice)")
        }
        let keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        if let given = credentials(settings, keys) { steps.append(.given(given)) }
        if let command = settings["credential_process"] { steps.append(.process(words(command))) }
        if let container = container(environment) { steps.append(container) }
        if environment["AWS_EC2_METADATA_DISABLED"].map(ASCII.lowercased) != "true" { steps.append(.instanceMetadata) }
        return steps
    }

    private static func first(_ values: [String?]) -> String? { values.compactMap { $0 }.first { !$0.isEmpty } }

    private static func credentials(
        _ settings: [String: String],
        _ names: (String, String, String)
    ) -> S3Credentials? {
        guard let key = first([settings[names.0]]), let secret = first([settings[names.1]]) else { return nil }
        return S3Credentials(accessKey: key, secretKey: secret, sessionToken: first([settings[names.2]]))
    }

    private static func container(_ environment: [String: String]) -> CredentialStep? {
        let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].map { "http://169.254.170.2" + $0 }
        guard let url = first([relative, environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]]), mayBeAsked(url) else {
            return nil
        }
        return .container(
            url: url,
            tokenFile: first([environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]]),
            token: first([environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]])
        )
    }

    /// Without TLS only this machine and the container's own addresses: credentials come back, and a token goes there.
    private static func mayBeAsked(_ text: String) -> Bool {
        guard let url = try? HTTPURL.parse(text) else { return false }
        let own = ["localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
        return url.scheme == "https" || own.contains(url.host)
    }

    /// The words of a command line; quotes keep spaces together.
    static func words(_ command: String) -> [String] {
        var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
        for character in command {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let ended = word { words.append(ended) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return word.map { words + [$0] } ?? words
    }
}
