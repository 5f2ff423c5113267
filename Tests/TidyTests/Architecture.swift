/// The graph of the building: what each target may import. Arrows point downward only.
///
/// Written out a second time on purpose: an arrow added to `Package.swift` alone does not pass, so
/// whoever changes the graph changes it here too, and says why.
enum Architecture {
    /// Formats, machines and the language of commands: values in, values out. No file, socket,
    /// thread or clock can be reached from them.
    static let pure = [
        "WALFormat", "TableFormat", "WireProtocol", "JSON", "SQLServer", "LabClock", "Replication",
        "CommandLanguage",
    ]

    static let mayImport: [String: Set<String>] = [
        "WALFormat": [],
        "TableFormat": ["WALFormat"],
        "WireProtocol": ["WALFormat"],
        // A backup's manifest is JSON, and so is what a command tells a program.
        "JSON": [],
        // It sees a node through one protocol of values, and knows no machine and no disk.
        "SQLServer": ["WALFormat", "WireProtocol"],
        "LabClock": ["WALFormat"],
        "Replication": ["JSON", "WALFormat", "WireProtocol"],
        "CommandLanguage": ["JSON", "WALFormat"],
        // The clock's room for its seeded draws: which bytes a power loss takes.
        "Storage": ["WALFormat", "TableFormat", "LabClock"],
        // NIOSSL and Crypto are there with the package's trait `Security` only.
        "Network": ["LabClock", "NIOCore", "NIOPosix", "NIOSSL"],
        // Programs that other people wrote, run as processes; LSNs are what they tell. A thread to
        // read what they print.
        "Programs": ["Storage", "WALFormat"],
        // The shell of one server. It knows no lab, and other nodes by their sockets only.
        "DatabaseNode": [
            "LabClock", "Network", "Replication", "SQLServer", "Storage", "WALFormat",
            "WireProtocol", "Crypto",
        ],
        "Cluster": [
            "DatabaseNode", "LabClock", "Network", "Programs", "Replication", "SQLServer",
            "Storage", "TableFormat", "WALFormat", "WireProtocol",
        ],
        // The lower rooms only for the values that the cluster's reports carry: a recovery report,
        // a receiver's refusal, a server's error, a page patch, a wire's faults; and for the
        // settings' names.
        "Session": [
            "Cluster", "CommandLanguage", "DatabaseNode", "JSON", "LabClock", "Network",
            "Replication", "SQLServer", "Storage", "TableFormat", "WALFormat", "WireProtocol",
        ],
        "Lessons": ["Session", "Cluster", "CommandLanguage"],
        // A lab from outside (its ports) and its engine from inside; the prompt's tables and JSON;
        // random commands.
        "Bench": [
            "Cluster", "CommandLanguage", "Exploration", "JSON", "LabClock", "Programs",
            "SQLServer", "Storage", "WALFormat", "WireProtocol",
        ],
        // Whole sessions, and threads that wait for the processes that run them.
        "Exploration": [
            "Session", "Cluster", "CommandLanguage", "DatabaseNode", "LabClock", "Storage",
        ],
        "Terminal": ["CLineEditor", "CLibEdit"],
        "shiplog": [
            "Terminal", "Lessons", "Bench", "Exploration", "Session", "Cluster", "CommandLanguage",
            "Storage", "ArgumentParser",
        ],
    ]

    /// What comes with the system. Closed to the pure targets.
    static let platform: Set = [
        "Glibc", "Musl", "Darwin", "Foundation", "FoundationEssentials", "Dispatch",
        "Synchronization",
    ]

    /// Imports of a file in `Sources` that the graph does not have.
    static func strayImports(_ file: Repository.File) -> [String] {
        let target = String(file.path.split(separator: "/").dropFirst().first ?? "")
        guard let own = mayImport[target] else {
            return ["\(file.path): the target \(target) is not in the graph"]
        }
        let allowed = pure.contains(target) ? own : own.union(platform)
        return SwiftTokens(file.text).imports
            .filter { !allowed.contains($0.text) }
            .map { "\(file.path):\($0.line): \(target) may not import \($0.text)" }
    }
}
