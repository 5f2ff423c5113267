import ArgumentParser
import Bench
import CommandLanguage
import Glibc
import Synchronization
import Terminal

/// `shiplog bench`: figures by the wall clock, of this machine on this day.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the lab against the bare disk, the bare wire and PostgreSQL 15.",
        subcommands: [
            BenchCommitCommand.self, BenchShipCommand.self, BenchStallCommand.self,
            BenchSoakCommand.self,
        ])
}

/// `shiplog bench commit`
struct BenchCommitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit",
        abstract: "Durable commits: bare disk, engine, clients over sockets, PostgreSQL.",
        usage: "shiplog bench commit [--seconds <n>] [--dir <folder>] [--json]",
        discussion: BenchCommand.folderText)

    @ParentCommand var parent: Shiplog

    @Option(help: ArgumentHelp("How long each contestant runs in all.", valueName: "n"))
    var seconds = 5

    func validate() throws {
        try parent.checkFitsBench()
        guard (1...3600).contains(seconds) else {
            throw ValidationError("--seconds is a number from 1 to 3600, not \(seconds)")
        }
    }

    func run() throws {
        BenchCommand.run(asJSON: parent.json) { interruption, tell throws(BenchFailure) in
            try CommitBench(
                seconds: seconds, parent: parent.dir, interruption: interruption, tell: tell
            ).run()
        }
    }
}

/// `shiplog bench ship`
struct BenchShipCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ship",
        abstract: "Existing WAL and new records to readers and replicas, beside PostgreSQL.",
        usage: """
            shiplog bench ship [--bytes <n>] [--records <n>] [--chapter <file>] \
            [--dir <folder>] [--json]
            """,
        discussion: BenchCommand.folderText)

    @ParentCommand var parent: Shiplog

    @Option(help: ArgumentHelp("How much WAL is shipped.", valueName: "n"))
    var bytes = 256 << 20

    @Option(help: ArgumentHelp("How many records go all the way.", valueName: "n"))
    var records = 50_000

    @Option(
        help: ArgumentHelp(
            "The chapter's text: its Python shipper runs too.", valueName: "file"))
    var chapter: String?

    func validate() throws {
        try parent.checkFitsBench()
        guard (1 << 20...8 << 30).contains(bytes) else {
            throw ValidationError("--bytes is a number from 1048576 to 8589934592, not \(bytes)")
        }
        guard (1000...10_000_000).contains(records) else {
            throw ValidationError("--records is a number from 1000 to 10000000, not \(records)")
        }
    }

    func run() throws {
        let plan = ShipBench.Plan(
            byteCount: bytes, recordCount: records, chapter: chapter, parent: parent.dir)
        BenchCommand.run(asJSON: parent.json) { interruption, tell throws(BenchFailure) in
            try ShipBench(plan, interruption: interruption, tell: tell).run()
        }
    }
}

/// `shiplog bench stall`
struct BenchStallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stall",
        abstract: "Commits beside a replica that stops reading.",
        usage: "shiplog bench stall [--seconds <n>] [--dir <folder>] [--json]",
        discussion: BenchCommand.folderText)

    @ParentCommand var parent: Shiplog

    @Option(help: ArgumentHelp("How long the replica does not read.", valueName: "n"))
    var seconds = 10

    func validate() throws {
        try parent.checkFitsBench()
        guard (1...3600).contains(seconds) else {
            throw ValidationError("--seconds is a number from 1 to 3600, not \(seconds)")
        }
    }

    func run() throws {
        BenchCommand.run(asJSON: parent.json) { interruption, tell throws(BenchFailure) in
            try StallBench(
                seconds: seconds, parent: parent.dir, interruption: interruption, tell: tell
            ).run()
        }
    }
}

/// `shiplog bench soak`
struct BenchSoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Random commands in one lab for long, in a flood from outside and without.",
        usage: "shiplog bench soak [--seconds <n>] [--dir <folder>] [--json]",
        discussion: BenchCommand.folderText)

    @ParentCommand var parent: Shiplog

    @Option(help: ArgumentHelp("How long the flood lasts.", valueName: "n"))
    var seconds = 1800

    @Option(
        name: .customLong("from"), help: ArgumentHelp("Decides the commands.", valueName: "seed"))
    var firstSeed: UInt64 = 1

    func validate() throws {
        try parent.checkFitsBench()
        guard (1...86400).contains(seconds) else {
            throw ValidationError("--seconds is a number from 1 to 86400, not \(seconds)")
        }
    }

    func run() throws {
        let plan = SoakBench.Plan(
            seconds: seconds, seed: firstSeed, parent: parent.dir, program: "/proc/self/exe")
        BenchCommand.run(asJSON: parent.json) { interruption, tell throws(BenchFailure) in
            try SoakBench(plan, interruption: interruption, tell: tell).run()
        }
    }
}

extension Shiplog {
    /// The options of this process's lab mean nothing to a bench, which makes labs of its own.
    fileprivate func checkFitsBench() throws {
        let isPlain =
            sources.isEmpty && !keepGoing && !echo && !quiet && replicas == nil && seed == nil
        guard isPlain else { throw ValidationError("bench takes only its own options") }
    }
}

extension BenchCommand {
    fileprivate static let folderText = """
        With --dir, a bench works in a new folder below that one, so that all is measured on its \
        file system; the folder is removed at the end. With --json it prints one JSON object.
        """

    /// Runs a bench, prints what it found, and exits: with 2 when it could not be carried out.
    fileprivate static func run(
        asJSON: Bool,
        _ bench: (Interruption, @escaping (String) -> Void) throws(BenchFailure) -> Reply
    ) -> Never {
        Output.fillGaps()
        ProcessLimits.check()
        let end = BenchEnd()
        _ = ProcessLimits.signalThread { end.received($0) }
        do throws(BenchFailure) {
            let reply = try bench(end.interruption) { Output.standardError.report([$0]) }
            Glibc.exit(print(reply.rendered(asJSON: asJSON)))
        } catch {
            if let status = end.status { Glibc.exit(status) }
            Output.standardError.report(["error: \(error.description)"])
            Glibc.exit(ExitStatus.couldNotStart)
        }
    }

    private static func print(_ lines: [String]) -> Int32 {
        do throws(OutputError) {
            try Output.standardOutput.print(lines)
            return ExitStatus.success
        } catch {
            return error.report()
        }
    }
}

/// The signal that ends a bench: the first lets it clear up, a second waits for nothing.
private final class BenchEnd: Sendable {
    let interruption = Interruption()
    private let signal = Mutex<Int32?>(nil)

    var status: Int32? { signal.withLock { $0 }.map(ExitStatus.ended) }

    /// On the signal thread.
    func received(_ number: Int32?) -> Bool {
        guard let number else { return false }
        let isFirst = signal.withLock { signal in
            defer { signal = signal ?? number }
            return signal == nil
        }
        guard isFirst, number != SIGQUIT else {
            interruption.abandon()
            _exit(ExitStatus.ended(by: number))
        }
        interruption.raise()
        return false
    }
}
