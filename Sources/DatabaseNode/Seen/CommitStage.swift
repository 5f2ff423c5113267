/// How far a commit has come: the chapter's seven stages, in their order.
package enum CommitStage: String, Hashable, Sendable, CaseIterable {
    /// Its record is in the primary's WAL buffer.
    case insert
    /// The primary's disk has it (fdatasync).
    case flush
    /// The client was told OK.
    case ack
    /// It was handed to the socket of a replica's connection.
    case send
    /// A replica has written it to its own WAL file, and not synced it.
    case receive
    /// A replica's disk has it (fdatasync).
    case persist
    /// A replica's readers see it.
    case apply

    /// Its place, from 1.
    package var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    /// Whether the primary does it; the others are a replica's.
    package var isOnPrimary: Bool {
        switch self {
        case .insert, .flush, .ack, .send: true
        case .receive, .persist, .apply: false
        }
    }

    /// The one that comes next.
    package var next: CommitStage? { Self.allCases.dropFirst(number).first }
}
