internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `get`: the value as one node has it. That there is none is an answer, not a failure.
struct GetCommand: LabCommand {
    let node: NodeReference?
    let key: String
    /// Whether the files are read of a node that is down.
    let readsDisk: Bool
    /// If the node that is asked is down: one that runs and has the row.
    private var holder: String?

    init(node: NodeReference?, key: String, readsDisk: Bool = false) {
        self.node = node
        self.key = key
        self.readsDisk = readsDisk
    }

    static let spec = CommandSpec(
        "get", .write,
        [.optionalNode, .key, CommandParameter("DISK", .none, .flag("--disk"))],
        summary: "read a key, also from a replica",
        details: """
            Reads from the primary unless a node is named, before the key or after it. A \
            replica answers with what its replay loop has applied so far: a write just \
            confirmed may be missing there. The chapter calls the hazard read-your-own-writes.
            With --disk the files are read of a node that is down, as recovery would make a \
            table of them: so a value can be seen that a failover has lost. Nothing is written.
            """,
        example: "get r1 pay:7", seeAlso: ["set", "lag"], changesState: false,
        triedWords: ["select", "fetch", "query", "cat"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node ?? .primary)
        var command = self
        command.holder = holder(besides: name, in: context, before)
        let report = try context.ask(command) { () throws(LabFailure) in
            readsDisk
                ? try context.lab.readDisk(key, of: name) : try context.lab.read(key, on: name)
        }
        context.note(key: key)
        let place = readsDisk ? "the disk of \(report.node)" : report.node
        let line =
            report.value?.escapedForDisplay ?? "(no such key on \(place) at \(report.lsn))"
        return Reply(
            lines: [line] + context.events(),
            json: [
                .members(
                    [
                        ("key", .string(key)), ("value", .optional(report.value)),
                        ("node", .string(report.node)), ("lsn", .string(report.lsn.description)),
                    ] + (readsDisk ? [("disk", .bool(true))] : []))
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        let word = Words.quoted(key, limit: .max)
        if case .isDown(let name, let state) = failure {
            let other = holder.map { "get \($0) \(word)" } ?? "get \(name) \(word) --disk"
            return general.isDown(name, state, advice: other)
        }
        if case .isUp(let name) = failure {
            return Failure(
                "\(name) is up, and answers for itself; --disk is for a node that is down",
                advice: "get \(name) \(word)")
        }
        if case .isPostgres(let name) = failure {
            return Failure(
                "\(name) is a PostgreSQL of its own, and answers psql",
                advice: "psql at the port that 'connect' shows: select value from kv where key = "
                    + "'\(key.escapedForDisplay)'")
        }
        return nil
    }

    /// A running node that has the row, a replica first; nil when the one that is asked runs.
    private func holder(
        besides name: String, in context: CommandContext, _ standing: Standing
    ) -> String? {
        guard standing.snapshot[name]?.isRunning == false else { return nil }
        let running = standing.snapshot.nodes.filter { $0.isUp }
        let others = running.filter(\.isStandby) + running.filter { !$0.isStandby }
        return others.map(\.name).first { other in
            (try? context.lab.visibleValue(of: key, on: other)) ?? nil != nil
        }
    }
}

extension GetCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        self.init(
            node: try arguments.optionalNode("NODE"), key: try arguments.key("KEY"),
            readsDisk: arguments["DISK"] != nil)
    }
}
