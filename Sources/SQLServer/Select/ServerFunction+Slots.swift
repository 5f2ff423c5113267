import WALFormat
import WireProtocol

// Replication slots. PostgreSQL: slotfuncs.c.
extension ServerFunction {
    static let slots: [ServerFunction] =
        [[.name], [.name, .bool], [.name, .bool, .bool]].map {
            ServerFunction("pg_create_physical_replication_slot", $0, .text, create)
        } + [
            ServerFunction("pg_drop_replication_slot", [.name], .text) {
                context, arguments throws(ServerError) in
                try context.host.dropSlot(arguments[0].text ?? "", for: context.processID)
                return .text("")
            }
        ]

    /// Gives a record as text: the name and, if it was reserved, the first byte kept.
    private static let create: Body = { context, arguments throws(ServerError) in
        let name = arguments[0].text ?? ""
        let flags = arguments.dropFirst().map(\.isTrue)
        let restart = try context.host.createSlot(
            name, isTemporary: flags.count > 1 && flags[1], reservesWAL: flags.first ?? false,
            for: context.processID)
        return .text("(\(name),\(restart?.description ?? ""))")
    }
}
