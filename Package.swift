// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A room of the building. The arrows of the graph are its `dependencies`, and nothing else.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "shiplog",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // The formats: pure values and bytes.
        room("WALFormat"),
        room("TableFormat", ["WALFormat"]),
        room("WireProtocol", ["WALFormat"]),

        // The shipper: pure machines.
        room("LabClock"),

        // The world: disks and sockets.
        room("Storage", ["WALFormat", "TableFormat"]),
        room(
            "Network",
            [
                "LabClock", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // The prompt: commands in, replies out.
        room("CommandLanguage", ["WALFormat"]),
        room("Lessons"),
        .systemLibrary(
            name: "CLibEdit", path: "Sources/Terminal/CLibEdit", pkgConfig: "libedit",
            providers: [.apt(["libedit-dev"]), .brew(["libedit"])]),
        .target(
            name: "CLineEditor", dependencies: ["CLibEdit"], path: "Sources/Terminal/CLineEditor",
            linkerSettings: [.linkedLibrary("edit")]),
        .target(
            name: "Terminal", dependencies: ["CLineEditor"], path: "Sources/Terminal/LineEditor",
            swiftSettings: strict),

        // The proofs.
        tests("WALFormatTests", ["WALFormat"]),
        tests("TableFormatTests", ["TableFormat", "WALFormat"]),
        tests("WireProtocolTests", ["WireProtocol", "WALFormat"]),
        tests("LabClockTests", ["LabClock"]),
        tests("StorageTests", ["Storage", "TableFormat", "WALFormat"]),
        tests("NetworkTests", ["Network", "LabClock"]),
        tests("CommandLanguageTests", ["CommandLanguage", "WALFormat"]),
        tests("LessonsTests", ["Lessons"]),
        tests("TerminalTests", ["Terminal"]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)
