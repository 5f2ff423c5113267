import ArgumentParser
import Cluster
import CommandLanguage
import Glibc
import Lessons
import Synchronization

/// `shiplog check`: replays lessons and transcripts, each in labs of its own.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Replay lessons and transcripts in fresh labs, and compare what they print.",
        discussion: """
            Exit status: 0 every file passed; 1 one did not; 2 a path cannot be read; 64 wrong \
            usage.
            """)

    @ParentCommand var parent: Shiplog

    @Argument(help: "Files, or folders with all Markdown files below them.")
    var paths: [String]

    @Flag(help: "Rewrite the recorded outputs that differ, and nothing else.")
    var update = false

    @Flag(
        help: """
            Keep the labs' data on disk, as a lab at the prompt does, and not in memory; it \
            prints the same, and takes longer.
            """)
    var disk = false

    @Option(help: ArgumentHelp("How often each file is run; all runs must agree.", valueName: "n"))
    var runs = 2

    func validate() throws {
        guard parent.isPlain else {
            throw ValidationError(
                "check takes only --update, --disk and --runs: files choose their labs")
        }
        guard runs >= 1 else { throw ValidationError("--runs is at least 1, not \(runs)") }
    }

    func run() throws {
        Output.fillGaps()
        ProcessLimits.check()
        let interruption = Interruption()
        let signals = ProcessLimits.signalThread { interruption.received($0) }
        let usesFiles = disk
        let checker = Checker(
            options: .init(runs: runs, updates: update, jobs: Self.processorCount)
        ) { settings in
            guard interruption.status == nil else { throw Interrupted() }
            var settings = settings
            if !usesFiles { settings.disks = .lastingMemory }
            return interruption.watched(try SessionRunner(settings))
        }
        do {
            let report = try checker.check(paths)
            signals.release()
            if let status = interruption.status { throw ExitCode(status) }
            try Output.standardOutput.print(report.lines)
            throw ExitCode(report.failed == 0 ? ExitStatus.success : ExitStatus.failed)
        } catch let error as TextFileError {
            Output.standardError.report(["error: \(error)"])
            throw ExitCode(ExitStatus.couldNotStart)
        } catch let error as OutputError {
            throw ExitCode(error.report())
        }
    }

    private static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

/// No lab is begun any more.
private struct Interrupted: Error, CustomStringConvertible {
    var description: String { "interrupted" }
}

/// The signal that asked a check to end, and the labs that are to heed it.
private final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        /// Those that are open.
        var labs: [ObjectIdentifier: Watched] = [:]
    }

    /// A lab of which another thread calls nothing but `interrupt`.
    struct Watched: @unchecked Sendable {
        let lab: SessionRunner
    }

    private let state = Mutex(State())

    /// On the signal thread. A second ^C waits for nothing, nor does ^\. A command may just have
    /// been about to begin: so it is interrupted again and again until all are through.
    func received(_ number: Int32?) -> Bool {
        state.withLock { state in
            if let number, number == SIGQUIT || (state.signal != nil && number == SIGINT) {
                _exit(ExitStatus.ended(by: number))
            }
            state.signal = state.signal ?? number
            guard state.signal != nil else { return false }
            for watched in state.labs.values { watched.lab.interrupt() }
            return true
        }
    }

    func watched(_ lab: SessionRunner) -> Runner {
        let watched = Watched(lab: lab)
        state.withLock { $0.labs[ObjectIdentifier(lab)] = watched }
        return Runner(lab: lab, interruption: self)
    }

    /// Its lab is about to be closed, and is left alone from now on.
    func forget(_ lab: SessionRunner) {
        state.withLock { $0.labs[ObjectIdentifier(lab)] = nil }
    }

    var status: Int32? { state.withLock { $0.signal }.map(ExitStatus.ended) }
}

/// A lab in which nothing is done any more when a signal has come: its file is through between two
/// commands, so that no lab leaves its folder behind and no file is half updated.
private struct Runner: CommandRunner {
    let lab: SessionRunner
    let interruption: Interruption

    func run(_ line: String) -> LineOutcome {
        let outcome = interruption.status == nil ? lab.run(line) : nil
        // What was printed until the signal came is nothing to compare, nor to write down.
        guard let outcome, interruption.status == nil else {
            return LineOutcome(lines: [], failed: true, quit: true)
        }
        return outcome
    }

    func observe(_ fact: Fact) -> String? { lab.observe(fact) }
    func close() {
        interruption.forget(lab)
        lab.close()
    }
}

extension Shiplog {
    /// Nothing was asked of the lab of this process.
    fileprivate var isPlain: Bool {
        sources.isEmpty && !json && !keepGoing && !echo && !quiet && dir == nil
            && replicas == nil && seed == nil
    }
}
