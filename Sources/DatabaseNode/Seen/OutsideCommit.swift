import SQLServer
package import WALFormat

/// A commit of which a node has told an outside program OK: the bytes of its answer were handed to
/// the socket. That is the node's own end; whether the program has read them nobody here can see.
package struct OutsideCommit: Hashable, Sendable {
    /// The name the program gave itself when it connected: `psql`. PostgreSQL: `application_name`.
    package let client: String
    /// Where its COMMIT record ends.
    package let position: LogPosition
    /// What it changed, one change a row, in the order of the last change to each.
    package let changes: [Change]

    /// What it made of a row in the end.
    package struct Change: Hashable, Sendable {
        package let key: String
        /// The new value; nil: deleted.
        package let value: String?

        package init(key: String, value: String?) {
            self.key = key
            self.value = value
        }
    }

    package init(client: String, position: LogPosition, changes: [Change]) {
        self.client = client.isEmpty ? "unnamed" : client
        self.position = position
        self.changes = changes
    }

    init(client: String, position: LogPosition, made: [TableChange]) {
        var seen: Set<String> = []
        let last = made.reversed().filter { seen.insert($0.key).inserted }.reversed()
        self.init(client: client, position: position, changes: last.map { Change($0) })
    }
}

extension OutsideCommit.Change {
    fileprivate init(_ change: TableChange) {
        switch change {
        case .put(let key, let value): self.init(key: key, value: value)
        case .delete(let key): self.init(key: key, value: nil)
        }
    }
}
