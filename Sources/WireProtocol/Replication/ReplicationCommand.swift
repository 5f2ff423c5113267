public import WALFormat

/// A statement for a physical WAL sender, in the grammar of PostgreSQL's `repl_gram.y`.
///
/// - `parse` takes what real clients send: keywords in any case, quoted or bare names, both option
///   syntaxes of CREATE_REPLICATION_SLOT, a trailing `;`.
/// - `description` prints what PostgreSQL 15's own clients would send, and parses back to the same.
/// - What a name may hold is for the server to refuse: see `SlotName`.
public enum ReplicationCommand: Hashable, Sendable {
    /// `IDENTIFY_SYSTEM`
    case identifySystem
    /// `SHOW name`
    case showParameter(String)
    /// `CREATE_REPLICATION_SLOT "name" [TEMPORARY] PHYSICAL [RESERVE_WAL]`
    case createPhysicalSlot(name: String, temporary: Bool, reserveWAL: Bool)
    /// `READ_REPLICATION_SLOT name`
    case readSlot(name: String)
    /// `DROP_REPLICATION_SLOT "name" [WAIT]`
    case dropSlot(name: String, wait: Bool)
    /// `TIMELINE_HISTORY n`
    case timelineHistory(Timeline)
    /// `START_REPLICATION [SLOT "name"] [PHYSICAL] X/X [TIMELINE n]`
    case startReplication(slot: String?, at: LSN, timeline: Timeline?)
    /// `BASE_BACKUP (…)`
    case baseBackup(BaseBackupOptions)
}

extension ReplicationCommand: CustomStringConvertible {
    /// The statement's text.
    public var description: String {
        switch self {
        case .identifySystem: "IDENTIFY_SYSTEM"
        case .showParameter(let name):
            "SHOW "
                + name.split(separator: ".", omittingEmptySubsequences: false)
                .map { SQLLiteral.identifier(String($0)) }.joined(separator: ".")
        case .createPhysicalSlot(let name, let temporary, let reserveWAL):
            "CREATE_REPLICATION_SLOT \(SQLLiteral.quotedIdentifier(name))"
                + (temporary ? " TEMPORARY" : "") + " PHYSICAL"
                + (reserveWAL ? " ( RESERVE_WAL)" : "")
        case .readSlot(let name): "READ_REPLICATION_SLOT \(SQLLiteral.quotedIdentifier(name))"
        case .dropSlot(let name, let wait):
            "DROP_REPLICATION_SLOT \(SQLLiteral.quotedIdentifier(name))" + (wait ? " WAIT" : "")
        case .timelineHistory(let timeline): "TIMELINE_HISTORY \(timeline.rawValue)"
        case .startReplication(let slot, let start, let timeline):
            "START_REPLICATION" + (slot.map { " SLOT \(SQLLiteral.quotedIdentifier($0))" } ?? "")
                + " \(start)" + (timeline.map { " TIMELINE \($0.rawValue)" } ?? "")
        case .baseBackup(let options): "BASE_BACKUP \(options)"
        }
    }

    /// The tag of CommandComplete. START_REPLICATION sends two: see `EndOfStreamReply`.
    public var tag: String {
        switch self {
        case .identifySystem: "IDENTIFY_SYSTEM"
        case .showParameter: "SHOW"
        case .createPhysicalSlot: "CREATE_REPLICATION_SLOT"
        case .readSlot: "READ_REPLICATION_SLOT"
        case .dropSlot: "DROP_REPLICATION_SLOT"
        case .timelineHistory: "TIMELINE_HISTORY"
        case .startReplication: "START_REPLICATION"
        case .baseBackup: "BASE_BACKUP"
        }
    }
}
