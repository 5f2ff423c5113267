/// A transaction that the lab's client has open, and the ledger's entries of its writes.
struct OpenTransaction: Hashable, Sendable {
    /// How far its client got.
    enum Phase: Hashable, Sendable {
        case open
        /// COMMIT was sent: from here on a lost connection leaves its fate unknown.
        case committing
    }

    /// A statement of it that changes rows.
    struct Write: Hashable, Sendable {
        let id: ClientLedger.ID
        /// It is a deletion of all keys that begin so; nil: of the entry's key alone.
        let prefix: String?
    }

    let node: String
    var phase = Phase.open
    var writes: [Write] = []

    /// The writes that its COMMIT promises: those that no later one did over.
    func lastWrites(key: (ClientLedger.ID) -> String) -> Set<ClientLedger.ID> {
        var (last, keys, prefixes) = (Set<ClientLedger.ID>(), Set<String>(), [String]())
        for write in writes.reversed() {
            let key = key(write.id)
            let isDoneOver = prefixes.contains { key.hasPrefix($0) }
            if keys.insert(key).inserted, !isDoneOver { last.insert(write.id) }
            if let prefix = write.prefix { prefixes.append(prefix) }
        }
        return last
    }
}
