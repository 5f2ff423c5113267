// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A room of the building. The arrows of the graph are its `dependencies`, and nothing else.
///
/// What crosses a target's border is `package`, and in the engine below (formats, clock, shipper,
/// disks, sockets) `public`: the optimizer looks through a border at public functions alone, and
/// generic code that goes byte by byte is a hundred times slower without.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// What is fetched and built with the trait `Security` only.
func secured(_ product: String, _ package: String) -> Target.Dependency {
    .product(name: product, package: package, condition: .when(traits: ["Security"]))
}

let package = Package(
    name: "shiplog",
    products: [.executable(name: "shiplog", targets: ["shiplog"])],
    traits: [
        .trait(
            name: "Security",
            description: "SCRAM-SHA-256 and TLS on the nodes' ports; minutes more of a first build")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        // The formats: pure values and bytes.
        room("WALFormat"),
        room("TableFormat", ["WALFormat"]),
        room("WireProtocol", ["WALFormat"]),
        room("JSON"),

        // The SQL of a node, which it sees through one protocol: pure too.
        room("SQLServer", ["WALFormat", "WireProtocol"]),

        // The shipper: pure machines.
        room("LabClock", ["WALFormat"]),
        room("Replication", ["JSON", "WALFormat", "WireProtocol"]),

        // The world: disks and sockets.
        room("Storage", ["WALFormat", "TableFormat", "LabClock"]),
        room(
            "Network",
            [
                "LabClock", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                secured("NIOSSL", "swift-nio-ssl"),
            ]),

        // The neighbours: a real PostgreSQL's own programs.
        room("Programs", ["Storage", "WALFormat"]),

        // One server: its machines, its disk, its sockets.
        room(
            "DatabaseNode",
            [
                "LabClock", "Network", "Replication", "SQLServer", "Storage", "WALFormat",
                "WireProtocol", secured("Crypto", "swift-crypto"),
            ]),

        // The lab: where they meet.
        room(
            "Cluster",
            [
                "DatabaseNode", "LabClock", "Network", "Programs", "Replication", "SQLServer",
                "Storage", "TableFormat", "WALFormat", "WireProtocol",
            ]),

        // The prompt: commands in, replies out.
        room("CommandLanguage", ["JSON", "WALFormat"]),
        room(
            "Session",
            [
                "Cluster", "CommandLanguage", "DatabaseNode", "JSON", "LabClock", "Network",
                "Replication", "SQLServer", "Storage", "TableFormat", "WALFormat", "WireProtocol",
            ]),
        room("Lessons", ["Session", "Cluster", "CommandLanguage"]),
        room(
            "Bench",
            [
                "Cluster", "CommandLanguage", "Exploration", "JSON", "LabClock", "Programs",
                "SQLServer", "Storage", "WALFormat", "WireProtocol",
            ]),
        room(
            "Exploration",
            ["Session", "Cluster", "CommandLanguage", "DatabaseNode", "LabClock", "Storage"]),
        .systemLibrary(
            name: "CLibEdit", path: "Sources/Terminal/CLibEdit", pkgConfig: "libedit",
            providers: [.apt(["libedit-dev"]), .brew(["libedit"])]),
        .target(
            name: "CLineEditor", dependencies: ["CLibEdit"], path: "Sources/Terminal/CLineEditor",
            linkerSettings: [.linkedLibrary("edit")]),
        .target(
            name: "Terminal", dependencies: ["CLineEditor"], path: "Sources/Terminal/LineEditor",
            swiftSettings: strict),
        .executableTarget(
            name: "shiplog",
            dependencies: [
                "Terminal", "Lessons", "Bench", "Exploration", "Session", "Cluster",
                "CommandLanguage", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // The proofs.
        .target(
            name: "TestSupport", dependencies: ["LabClock"], path: "Tests/TestSupport",
            swiftSettings: strict),
        tests("WALFormatTests", ["WALFormat", "LabClock", "TestSupport"]),
        tests("TableFormatTests", ["TableFormat", "WALFormat", "LabClock", "TestSupport"]),
        // Replication only for its SHA-256, with which the tests drive SCRAM.
        tests(
            "WireProtocolTests",
            ["WireProtocol", "WALFormat", "Replication", "LabClock", "TestSupport"]),
        tests(
            "SQLServerTests",
            ["SQLServer", "WALFormat", "WireProtocol", "LabClock", "TestSupport"]),
        tests("JSONTests", ["JSON"]),
        tests("LabClockTests", ["LabClock"]),
        tests(
            "ReplicationTests", ["JSON", "Replication", "WALFormat", "WireProtocol", "LabClock"]),
        tests("StorageTests", ["Storage", "TableFormat", "WALFormat", "LabClock", "TestSupport"]),
        tests("ProgramsTests", ["Programs"]),
        tests("NetworkTests", ["Network", "LabClock", "TestSupport"]),
        tests(
            "ClusterTests",
            [
                "Cluster", "DatabaseNode", "LabClock", "Network", "Replication", "SQLServer",
                "Storage", "WALFormat", "WireProtocol", "TestSupport",
            ]),
        tests("CommandLanguageTests", ["CommandLanguage", "JSON", "LabClock"]),
        tests(
            "SessionTests",
            [
                "Session", "CommandLanguage", "Cluster", "DatabaseNode", "JSON", "LabClock",
                "Storage", "WALFormat", "TestSupport",
            ]),
        tests("LessonsTests", ["Lessons", "Session", "Cluster", "CommandLanguage", "LabClock"]),
        tests("BenchTests", ["Bench", "CommandLanguage", "JSON", "WALFormat", "WireProtocol"]),
        tests(
            "ExplorationTests",
            ["Exploration", "Session", "Cluster", "CommandLanguage", "TestSupport"]),
        tests("TerminalTests", ["Terminal", "TestSupport"]),
        tests(
            "PostgresToolTests",
            [
                "Cluster", "DatabaseNode", "LabClock", "Programs", "Replication", "SQLServer",
                "Storage", "WALFormat", "WireProtocol", "TestSupport",
            ]),
        tests("ProcessTests", ["shiplog", "TestSupport", "WireProtocol"]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)
