package import Storage
package import WALFormat

/// Somebody for whom deleted rows stay.
package struct RowHolder: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Sessions of the node's own.
        case readers
        /// A replica that says what its readers need (`hot_standby_feedback`).
        case replica(String)
        /// A slot that keeps what such a replica has said.
        case slot(String)
    }

    package let kind: Kind
    /// Rows stay that this transaction or a later one has deleted.
    package let xmin: TransactionID
}

/// What a vacuum took away, and for whom it left what.
package struct VacuumResult: Hashable, Sendable {
    package let report: VacuumReport
    /// Those for whom it left something.
    package let holders: [RowHolder]
}
