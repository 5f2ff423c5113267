/// A transaction that the lab's client has open, and the ledger's entries of its writes.
struct OpenTransaction: Hashable, Sendable {
    /// How far its client got.
    enum Phase: Hashable, Sendable {
        case open
        /// COMMIT was sent: from here on a lost connection leaves its fate unknown.
        case committing
    }

    let node: String
    var phase = Phase.open
    var writes: [ClientLedger.ID]
}
