/// The number of a transaction. PostgreSQL: `TransactionId`.
///
/// It is not PostgreSQL's circular order: `<` compares plain numbers, for the lab never wraps
/// around.
public struct TransactionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number; 0 is none, 1 and 2 are reserved.
    public let rawValue: UInt32

    /// No transaction: a tuple nobody deleted, a record outside any transaction.
    public static let invalid = TransactionID(0)
    /// The first number a transaction can get.
    public static let firstNormal = TransactionID(3)

    /// The transaction with this number.
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The number after this one, leaving out the reserved ones. PostgreSQL:
    /// `TransactionIdAdvance`.
    public var next: TransactionID {
        max(TransactionID(rawValue &+ 1), .firstNormal)
    }

    /// The number in decimal.
    public var description: String { String(rawValue) }

    /// Whether `left` has the smaller number.
    public static func < (left: TransactionID, right: TransactionID) -> Bool {
        left.rawValue < right.rawValue
    }
}
