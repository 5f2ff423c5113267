/// The byte of ReadyForQuery: where the session stands towards transactions.
public enum TransactionState: UInt8, Hashable, Sendable, CaseIterable {
    /// `I`, no transaction is open.
    case idle = 0x49
    /// `T`, inside a transaction block.
    case inTransaction = 0x54
    /// `E`, inside a block that failed; only its end is accepted.
    case failed = 0x45
}
