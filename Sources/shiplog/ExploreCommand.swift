import ArgumentParser
import Exploration
import Glibc
import Storage
import Terminal

/// `shiplog explore`: random sessions, each twice, and the shortest script of each that fails.
struct ExploreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Try random sessions, and print the shortest script of each that fails.",
        usage: """
            shiplog explore [--seeds <n>] [--from <seed>] [--commands <n>] [--jobs <n>] \
            [--time <seconds>]
            shiplog explore --seed <seed>
            """,
        discussion: """
            Each seed draws a lab and 30 to 60 commands, disk faults in a third of them, and runs \
            them twice in memory. A finding is a trap, a hang, a broken invariant, or two runs \
            that print different bytes.

            Exit status: 0 nothing was found; 1 something was; 64 wrong usage.
            """)

    @ParentCommand var parent: Shiplog

    @Option(help: ArgumentHelp("How many seeds are tried.", valueName: "n"))
    var seeds = 100

    @Option(help: ArgumentHelp("The first seed.", valueName: "seed"))
    var from: UInt64 = 1

    @Option(help: ArgumentHelp("At most so many commands a session.", valueName: "n"))
    var commands = 60

    @Option(help: ArgumentHelp("How many sessions run side by side.", valueName: "n"))
    var jobs = 2

    @Option(help: ArgumentHelp("Begin no session after so many seconds.", valueName: "seconds"))
    var time: Int?

    @Option(help: ArgumentHelp("Stop after so many findings.", valueName: "n"))
    var findings = 5

    /// Another process of this program asks for sessions on standard input.
    @Flag(help: .hidden)
    var worker = false

    /// Print the session of the seed, and run nothing.
    @Flag(help: ArgumentHelp("Print the sessions, and run none."))
    var show = false

    func validate() throws {
        guard (1...64).contains(jobs) else {
            throw ValidationError("--jobs is a number from 1 to 64, not \(jobs)")
        }
        guard seeds >= 1, commands >= 1, findings >= 1, time ?? 1 >= 1 else {
            throw ValidationError("--seeds, --commands, --findings and --time are at least 1")
        }
    }

    func run() throws {
        Output.fillGaps()
        ProcessLimits.check()
        signal(SIGPIPE, SIG_IGN)
        if worker { return Worker.serve { _ in [] } }
        if show { return try printSessions() }
        // This program's own file, whatever it is called.
        let explorer = Explorer(plan, worker: ["/proc/self/exe", "explore", "--worker"])
        let result = try explore(explorer, until: deadline)
        let count = result.findings.count
        Output.standardOutput.report([
            "\(result.seedCount) sessions, each run twice: "
                + (count == 0 ? "nothing found" : "\(count) found")
        ])
        throw ExitCode(count == 0 ? ExitStatus.success : ExitStatus.failed)
    }

    private func explore(
        _ explorer: Explorer, until isOver: @escaping @Sendable () -> Bool
    ) throws(ExitCode) -> (seedCount: Int, findings: [Explorer.Finding]) {
        do throws(ThreadFailure) {
            return try explorer.run(until: isOver) { Output.standardOutput.report($0.lines) }
        } catch {
            Output.standardError.report(["error: \(error)"])
            throw ExitCode(ExitStatus.couldNotStart)
        }
    }

    private var plan: Explorer.Plan {
        let first = parent.seed ?? from
        let count = parent.seed == nil ? UInt64(seeds) : 1
        return Explorer.Plan(
            seeds: first..<first + count, commandCounts: min(30, commands)...commands,
            jobCount: jobs, findingLimit: findings)
    }

    private func printSessions() throws {
        for seed in plan.seeds {
            let script = SessionDraw.script(seed: seed, commandCounts: plan.commandCounts)
            try Output.standardOutput.print(script.pasteable)
        }
    }

    private var deadline: @Sendable () -> Bool {
        guard let time else { return { false } }
        let end = ContinuousClock.now.advanced(by: .seconds(time))
        return { ContinuousClock.now >= end }
    }
}

extension Explorer.Finding {
    /// A finding as it is printed; its script can be pasted into a file.
    fileprivate var lines: [String] {
        ["seed \(seed): \(verdict.title)"] + verdict.evidence.map { "    \($0)" }
            + script.pasteable + [""]
    }
}
