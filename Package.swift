// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]

let package = Package(
    name: "swoop",
    products: [
        .executable(name: "swoop", targets: ["swoop-main"]),
        .library(name: "Swoop", targets: ["Swoop"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .target(name: "SwoopCore", swiftSettings: settings),
        .target(name: "CSwoopSystem", cSettings: [.define("_GNU_SOURCE")]),
        .target(
            name: "SwoopIO",
            dependencies: [
                "SwoopCore", "CSwoopSystem",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SwoopS3",
            dependencies: ["SwoopCore", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(
            name: "Swoop",
            dependencies: [
                "SwoopCore", "SwoopIO", "SwoopS3",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SwoopChaos",
            dependencies: [
                "SwoopCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio,
            swiftSettings: settings
        ),
        .target(
            name: "SwoopCLI",
            dependencies: [
                "Swoop", "SwoopChaos", "SwoopCore", "SwoopIO", "SwoopS3",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "swoop-main", dependencies: ["SwoopCLI"], swiftSettings: settings),
        .target(
            name: "SwoopTestKit",
            dependencies: ["SwoopCore", "SwoopIO", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings
        ),
        .testTarget(name: "SwoopCoreTests", dependencies: ["SwoopCore", "SwoopTestKit"], swiftSettings: settings),
        .testTarget(name: "SwoopS3Tests", dependencies: ["SwoopCore", "SwoopS3"], swiftSettings: settings),
        .testTarget(
            name: "SwoopIOTests",
            dependencies: [
                "SwoopCore", "SwoopIO", "SwoopTestKit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SwoopTests",
            dependencies: [
                "Swoop", "SwoopChaos", "SwoopCore", "SwoopIO", "SwoopTestKit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Swoop", "SwoopChaos", "SwoopCore", "SwoopIO", "SwoopTestKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CLITests",
            dependencies: ["Swoop", "SwoopCLI", "SwoopChaos", "SwoopCore", "SwoopTestKit"],
            exclude: ["Scripts"],
            swiftSettings: settings
        ),
    ]
)
