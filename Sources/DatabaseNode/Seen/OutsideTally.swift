/// What outside programs did to a node, counted: at a prompt nothing else shows it.
package struct OutsideTally: Hashable, Sendable {
    /// Connections that said who they want to be.
    package internal(set) var connections = 0
    /// Connections for which there was no room.
    package internal(set) var refused = 0
    /// Statements and replication commands.
    package internal(set) var statements = 0
    /// Rows that statements inserted, updated or deleted, by what their clients were told.
    package internal(set) var rowsChanged = 0

    /// Nothing was done.
    package init() {}

    /// Whether there is nothing to tell.
    package var isEmpty: Bool { self == OutsideTally() }

    /// What was done to another node, too.
    package mutating func add(_ other: OutsideTally) {
        connections += other.connections
        refused += other.refused
        statements += other.statements
        rowsChanged += other.rowsChanged
    }

    /// A statement is over: "INSERT 0 3", "UPDATE 2", "SELECT 5".
    mutating func completed(_ tag: String) {
        let words = tag.split(separator: " ")
        guard let verb = words.first, ["INSERT", "UPDATE", "DELETE"].contains(verb) else { return }
        rowsChanged += words.last.flatMap { Int($0) } ?? 0
    }
}
