/// A transaction that the lab's client has open, and the ledger's entries of its writes.
struct OpenTransaction: Hashable, Sendable {
    let node: String
    var writes: [ClientLedger.ID]
}
