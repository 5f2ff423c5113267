internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `tail`: the log of a running server, as it grows. Its reply depends on that server.
struct TailCommand: LabCommand {
    let request: LogTail.Request

    /// How many records one `tail` may show.
    private static let limits = 1...1_000_000_000

    static let spec = CommandSpec(
        "tail", .look,
        [
            CommandParameter("HOST", .free, .assigned("host", example: "127.0.0.1")),
            CommandParameter("PORT", .number, .assigned("port", example: "5432")),
            CommandParameter("USER", .free, .assigned("user", example: "postgres")),
            CommandParameter("LSN", .position, .assigned("from", example: "0/1000060")),
            CommandParameter("SLOT", .slot, .assigned("slot", example: "shiplog")),
            CommandParameter("N", .number, .assigned("count", example: "10")),
        ],
        summary: "read a server's log",
        details: """
            Connects the receiver that the replicas run to a walsender of a PostgreSQL 15 \
            server, or of a node of this lab, and shows each record as it arrives: its LSN, \
            its resource manager, its length, its transaction, the pages it changes (FPW: the \
            whole page is in it). It begins at the log's end, or with from=LSN at the first \
            record there or behind, or with slot=NAME where the slot begins.
            Now and then, and at the end, it says how far the server had flushed and how far \
            it has read. It reports that to the server too, as any replica does: \
            pg_stat_replication shows it as shiplog. What was shown counts as flushed, though \
            nothing is kept: a slot lets go of it, and synchronous_standby_names should not \
            name it.
            Without count=N it goes on until Ctrl-C, in a script too; a lesson must give a \
            count. Lab time stands still meanwhile. Without host=, port= and user= they are \
            127.0.0.1, 5432 and postgres; the user needs REPLICATION, and no password.
            """,
        example: "tail host=127.0.0.1 port=5432 count=10", seeAlso: ["wal", "connect"],
        changesState: false,
        triedWords: ["receivewal", "pg_receivewal", "stream", "walreceiver"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        guard context.listener != nil || request.count != nil else {
            throw Failure(
                "tail without a count goes on until Ctrl-C, which nobody can press here",
                advice: "\(TailText.again(request)) count=10")
        }
        // What was said before comes before.
        _ = context.listener?.hear([])
        var reply = Reply(lines: context.events())
        do throws(LogTail.Failure) {
            _ = try context.lab.tail(request) { news in
                reply.lines += news.flatMap { TailTable.lines($0, of: request) }
                reply.json += news.map { TailTable.json($0, of: request) }
                guard let listener = context.listener else { return true }
                defer { reply = Reply() }
                return listener.hear(reply.rendered(asJSON: listener.asJSON))
            }
        } catch {
            throw TailText(request).failure(error)
        }
        return reply
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension TailCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        let ports = 1...Int(UInt16.max)
        request = LogTail.Request(
            host: try arguments.assigned("HOST") ?? "127.0.0.1",
            port: try arguments.optionalCount("PORT", ports) ?? 5432,
            user: try arguments.assigned("USER") ?? TailText.defaultUser,
            start: try arguments.optionalPosition("LSN"), slot: try arguments.assigned("SLOT"),
            count: try arguments.optionalCount("N", Self.limits))
    }
}
