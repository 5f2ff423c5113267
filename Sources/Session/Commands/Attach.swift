internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Replication
internal import WALFormat

/// `attach standby pg`: a real PostgreSQL follows the primary from now on.
struct AttachCommand: LabCommand {
    let name: String

    /// What an outside program can be attached as.
    private enum Role: String, CaseIterable {
        case standby
    }

    static let spec = CommandSpec(
        "attach", .replicas,
        [
            CommandParameter("ROLE", .oneOf(Role.allCases.map { Alternative($0.rawValue) })),
            CommandParameter("NAME", .free),
        ],
        summary: "let a real PostgreSQL follow the lab",
        details: """
            In a lab started with 'shiplog --postgres', which began as a cluster that \
            PostgreSQL's own initdb made: has the primary give a base backup, lays it over a \
            copy of that cluster, and starts an unmodified PostgreSQL 15 on it, at any time, \
            as one more replica behind one more link. 'status' and 'lag' show it; 'partition', \
            'lag', 'heal', 'reconnect', 'follow', 'slot use' and 'basebackup' work on it; \
            'connect' says where it listens, so that psql can read the table kv there.
            It lives in real time. Before each prompt the lab waits until it has confirmed \
            what its link has let through, for 5 s at the most, and says so if it has not. It \
            cannot be promoted here, so what it alone has counts as lost; 'lost' says that it \
            has received it.
            """,
        example: "attach standby pg", seeAlso: ["detach", "connect", "basebackup", "slot"],
        changesState: true,
        triedWords: ["postgres", "postgresql", "standby", "hot_standby", "foreign"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        if let own = context.lab.postgresName, own != name {
            throw Failure(
                "a lab has one PostgreSQL, and its name is \(own)", advice: "attach standby \(own)")
        }
        let report = try context.ask(self) { () throws(LabFailure) in try context.lab.attach() }
        return Reply(
            lines: BackupText.origin(report.upstream, report.backup) + [
                "\(report.node), an unmodified PostgreSQL on it, follows \(report.upstream)"
            ] + context.consequences(since: before),
            json: [
                [
                    "node": .string(report.node), "upstream": .string(report.upstream),
                    "redo_lsn": .string(report.backup.redo.description),
                    "lsn": .string(report.at.description),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension AttachCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        _ = try arguments.word("ROLE", of: Role.self)
        name = try arguments.text("NAME")
    }
}
