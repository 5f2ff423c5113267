import ArgumentParser
import Cluster
import Glibc
import Terminal

/// The command line `shiplog …`: what was asked for, handed on to who does it.
///
/// Not a place for behaviour: a person's session is ``Conversation``, scripts are ``Batch``, the
/// lab's life between signals is ``LabProcess``.
@main
struct Shiplog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shiplog",
        abstract: "A lab for asynchronous log shipping: one primary and its replicas, to break.",
        usage: """
            shiplog [<options>]
            shiplog [<options>] [-c <command> | -f <file>] ...
            shiplog check <path> ... [--update] [--disk] [--runs <n>]
            shiplog bench <commit|ship|stall|soak> [--dir <folder>] [--json]
            shiplog explore [--seeds <n>] [--from <seed>] [--time <seconds>]
            """,
        discussion: """
            Without -c and -f, on a terminal, the lab asks for commands; try 'help' there. \
            Otherwise it reads them from standard input, prints their results and stops at the \
            first that fails.

            Exit status: 0 all went well; 1 a command failed or a transcript differed; 2 the lab \
            could not start or a file could not be read; 64 wrong usage; 130 interrupted; 128 + n \
            ended by another signal.
            """,
        version: "0.1.0" + (Lab.hasSecurity ? " with Security" : ""),
        subcommands: [CheckCommand.self, BenchCommand.self, ExploreCommand.self])

    @Option(
        name: .customShort("c"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Run a command. -c and -f may repeat and mix; they run in the order given.",
            valueName: "command"),
        transform: { Given($0) })
    var commands: [Given] = []

    @Option(
        name: .customShort("f"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Run the lines of a file; - is standard input.", valueName: "file"),
        transform: { Given($0) })
    var files: [Given] = []

    @Option(
        help: ArgumentHelp(
            "How many replicas follow the primary, at most 200. (default: 2)", valueName: "n"))
    var replicas: Int?

    @Option(
        help: ArgumentHelp("Decides every random draw of the lab. (default: 1)", valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Keep the nodes' data in this folder and go on from what is there.", valueName: "folder"
        ))
    var dir: String?

    @Flag(
        help: "Keep the nodes' data in memory that forgets, at a crash, what was not synced.")
    var memory = false

    @Flag(
        help: ArgumentHelp(
            "Begin as a cluster made by PostgreSQL 15's initdb, so that 'attach' can let a real"
                + " PostgreSQL follow."))
    var postgres = false

    @Option(
        help: ArgumentHelp(
            "Offer TLS on the nodes' ports with this certificate, in PEM form. "
                + "Needs a build with --traits Security.",
            valueName: "file"))
    var sslCertFile: String?

    @Option(help: ArgumentHelp("The certificate's private key, in PEM form.", valueName: "file"))
    var sslKeyFile: String?

    @Flag(help: "Answer in JSON, one object a line.")
    var json = false

    @Flag(help: "Go on after a command that failed; the exit status is still 1.")
    var keepGoing = false

    @Flag(help: "Print each command before its output, as the fences of a transcript have it.")
    var echo = false

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color = ColorPolicy.automatic

    @Flag(help: .hidden)
    var noColor = false

    @Flag(help: "Leave out the lines before the first prompt.")
    var quiet = false

    func validate() throws {
        if let replicas, !(0...LabOptions.replicaLimit).contains(replicas) {
            throw ValidationError(
                "--replicas is a number from 0 to \(LabOptions.replicaLimit), not \(replicas)")
        }
        if memory, dir != nil {
            throw ValidationError("--memory forgets and --dir keeps: give one of them")
        }
        if (sslCertFile == nil) != (sslKeyFile == nil) {
            throw ValidationError("--ssl-cert-file and --ssl-key-file: give both or neither")
        }
    }

    func run() throws {
        Output.fillGaps()
        ProcessLimits.check()
        let isInteractive = sources.isEmpty && TerminalSize.isInteractive
        let scripts = openedScripts()
        let process = LabProcess(
            endsOnInterrupt: !isInteractive,
            showsProgress: !json && isatty(STDOUT_FILENO) == 1)
        let session = process.start(
            LabOptions(
                replicas: replicas, seed: seed, directory: dir, usesMemory: memory,
                isFromPostgres: postgres, tls: tlsFiles))
        if isInteractive {
            Conversation(session, in: process, manner: manner, isQuiet: quiet).run()
        } else {
            Batch(session, in: process, manner: manner, echoes: echo).run(scripts)
        }
    }

    private var tlsFiles: LabOptions.TLSFiles? {
        guard let sslCertFile, let sslKeyFile else { return nil }
        return LabOptions.TLSFiles(certificate: sslCertFile, key: sslKeyFile)
    }

    /// What -c and -f gave, in the order of the command line.
    var sources: [ScriptSource] {
        let given =
            commands.map { ($0.ordinal, ScriptSource.command($0.text)) }
            + files.map { ($0.ordinal, $0.text == "-" ? .standardInput : .file($0.text)) }
        return given.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Every file is opened before anything runs: a name mistyped at the end changes nothing.
    private func openedScripts() -> [Script] {
        do throws(ScriptError) {
            var scripts: [Script] = []
            for source in sources { scripts.append(try Script(source)) }
            return scripts.isEmpty ? [try Script(.standardInput)] : scripts
        } catch {
            Output.standardError.report(error.lines)
            Shiplog.exit(withError: ExitCode(ExitStatus.couldNotStart))
        }
    }

    private var manner: Manner {
        Manner(asJSON: json, keepsGoing: keepGoing, color: noColor ? .never : color)
    }
}

/// How commands are run and shown, on a terminal or not.
struct Manner {
    /// `--json`: every answer is JSON.
    let asJSON: Bool
    /// `--keep-going`: a failed command does not end the run.
    let keepsGoing: Bool
    /// `--color`
    let color: ColorPolicy
}
