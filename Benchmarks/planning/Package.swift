// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// The core by a link to its folder: it needs nothing, so nothing else is built.
let package = Package(
    name: "planning",
    targets: [
        .target(name: "SwoopCore", swiftSettings: settings),
        .executableTarget(
            name: "planning",
            dependencies: ["SwoopCore"],
            swiftSettings: settings,
            linkerSettings: [.linkedLibrary("m")]
        ),
    ]
)
