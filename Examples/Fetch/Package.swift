// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "Fetch",
    dependencies: [
        .package(name: "swoop", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "Fetch",
            dependencies: [.product(name: "Swoop", package: "swoop")],
            // Under the stricter rule for imports, `import Swoop` has to be enough.
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("MemberImportVisibility")]
        )
    ]
)
