import Replication
import WALFormat
import WireProtocol

// Replication slots. PostgreSQL: slotfuncs.c.
extension ServerFunction {
    static let slots: [ServerFunction] =
        [[.name], [.name, .bool], [.name, .bool, .bool]].map {
            ServerFunction("pg_create_physical_replication_slot", $0, .text, create)
        } + [
            ServerFunction("pg_drop_replication_slot", [.name], .text) {
                session, arguments throws(ServerError) in
                _ = try session.process.perform(
                    .drop(name: arguments[0].text ?? "", waits: false), for: session)
                return .text("")
            }
        ]

    /// Gives a record as text: the name and, if it was reserved, the first byte kept.
    private static let create: Body = { session, arguments throws(ServerError) in
        let flags = arguments.dropFirst().map(\.isTrue)
        let slot = try session.process.perform(
            .create(
                name: arguments[0].text ?? "", isTemporary: flags.count > 1 && flags[1],
                reservesWAL: flags.first ?? false), for: session)
        return .text("(\(slot?.name ?? ""),\(slot?.restartLSN?.description ?? ""))")
    }
}
