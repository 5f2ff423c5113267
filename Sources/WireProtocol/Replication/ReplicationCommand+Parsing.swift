internal import WALFormat

extension ReplicationCommand {
    /// Parses one statement as a WAL sender receives it.
    ///
    /// A text that begins with no replication command is `.notReplicationCommand`, which a server
    /// that also speaks SQL on this connection may take for "try SQL".
    public static func parse(_ text: String) throws(SQLSyntaxError) -> ReplicationCommand {
        var parser = try SQLParser(text, dialect: .replication)
        let command = try parser.replicationCommand()
        _ = try parser.acceptSymbol(";")
        guard parser.token.kind == .end else { throw parser.unexpected }
        return command
    }
}

extension SQLParser {
    fileprivate mutating func replicationCommand() throws(SQLSyntaxError) -> ReplicationCommand {
        let start = self
        let word = word
        if word != nil { try advance() }
        switch word {
        case "identify_system": return .identifySystem
        case "show": return .showParameter(try qualifiedName().joined(separator: "."))
        case "create_replication_slot": return try createSlot()
        case "read_replication_slot": return .readSlot(name: try identifier())
        case "drop_replication_slot":
            let name = try identifier()
            return .dropSlot(name: name, wait: try accept("wait"))
        case "timeline_history": return .timelineHistory(try timeline())
        case "start_replication": return try startReplication()
        case "base_backup":
            return .baseBackup(try BaseBackupOptions(try optionList() ?? []))
        default: throw start.error(.notReplicationCommand)
        }
    }

    private mutating func createSlot() throws(SQLSyntaxError) -> ReplicationCommand {
        let name = try identifier()
        let temporary = try accept("temporary")
        if sees("logical") { throw error(.unsupported("logical replication")) }
        try expect("physical")
        var reserveWAL = try accept("reserve_wal")
        if !reserveWAL, let options = try optionList() {
            for option in options {
                guard option.name == "reserve_wal" else { throw option.error(.unrecognized) }
                reserveWAL = try option.boolean()
            }
        }
        return .createPhysicalSlot(name: name, temporary: temporary, reserveWAL: reserveWAL)
    }

    private mutating func startReplication() throws(SQLSyntaxError) -> ReplicationCommand {
        let slot: String? = try accept("slot") ? try identifier() : nil
        if sees("logical") { throw error(.unsupported("logical replication")) }
        _ = try accept("physical")
        guard case .lsn(let start) = token.kind else { throw unexpected }
        try advance()
        let timeline: Timeline? = try accept("timeline") ? try timeline() : nil
        return .startReplication(slot: slot, at: start, timeline: timeline)
    }

    private mutating func timeline() throws(SQLSyntaxError) -> Timeline {
        let start = self
        let number: UInt32 = try integer()
        guard number > 0 else { throw start.error(.invalidNumber("0")) }
        return Timeline(number)
    }
}
