package import WALFormat

/// A setting of a running node that `ALTER SYSTEM` changes.
///
/// Unlike PostgreSQL's these need no reload and no new session: they hold at once, for
/// transactions under way too, and no session can set them aside.
package enum ServerChange: Hashable, Sendable {
    package static let readOnlyName = "default_transaction_read_only"
    /// In microseconds of PostgreSQL's time; 0: no lease.
    package static let leaseName = "shiplog.write_lease_until"

    /// `default_transaction_read_only`
    case readOnly(Bool)
    /// `shiplog.write_lease_until`; nil: it needs no lease.
    case lease(until: PostgresTime?)
}

extension ServerChange {
    /// As a client asks for it.
    package var statement: String {
        switch self {
        case .readOnly(let isOn):
            "ALTER SYSTEM SET \(Self.readOnlyName) = \(isOn ? "on" : "off")"
        case .lease(let end):
            "ALTER SYSTEM SET \(Self.leaseName) = \(end?.microseconds ?? 0)"
        }
    }
}
