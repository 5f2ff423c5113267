/// The lab's own client's newest acknowledged write of each key, for looking up.
///
/// It is made when somebody asks, and goes on from there: a load of millions of writes that nobody
/// reads by a policy pays nothing for it.
struct NewestWrites: Sendable {
    private var byKey: [String: ClientLedger.ID] = [:]
    /// What became of the entries before this one is known, and is in here.
    private var begin = 0

    /// The newest write of a key, in the order of asking, whose OK has arrived.
    mutating func entry(
        of key: String, in entries: LedgerEntries
    ) -> ClientLedger.Entry? {
        while begin < entries.count {
            let entry = entries[begin]
            guard entry.fate != .pending else { break }
            if entry.isOwnAcknowledged { byKey[entry.key] = begin }
            begin += 1
        }
        // Behind one that is pending there are no more than a transaction or a breath of a load.
        let late = entries[begin...].last { $0.key == key && $0.isOwnAcknowledged }
        return late ?? byKey[key].map { entries[$0] }
    }
}

extension ClientLedger.Entry {
    fileprivate var isOwnAcknowledged: Bool { client == nil && fate.acknowledgement != nil }
}
