public import WALFormat

/// What a vacuum says in the log before it takes anything away: rows that transactions up to this
/// one have deleted are about to go. A standby's replay must not pass it while somebody there still
/// reads from an older snapshot. PostgreSQL: `latestRemovedXid` of its prune records.
///
/// PostgreSQL's redo passes over it, for it rides in a message: prefix `shiplog.removed`, and the
/// transaction's number, four bytes, little-endian.
extension WALRecord {
    private static let removalPrefix = "shiplog.removed"

    /// Says what is about to be taken away.
    init(removingUpTo xid: TransactionID) {
        var content: [UInt8] = []
        content.append(littleEndian: xid.rawValue)
        self.init(
            body: .logicalMessage(
                transactional: false, prefix: Self.removalPrefix, content: content))
    }

    /// The newest transaction whose deleted rows are about to be taken away, if that is what the
    /// record says.
    public var removalHorizon: TransactionID? {
        guard resourceManager == ResourceManager.logicalMessage,
            case .logicalMessage(false, Self.removalPrefix, let content) = body,
            content.count == 4
        else { return nil }
        return TransactionID(content.load(littleEndian: UInt32.self, at: 0))
    }
}
