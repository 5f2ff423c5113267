/// How many connections of outside programs a node holds at a time.
package struct OutsideRoom: Hashable, Sendable {
    /// PostgreSQL's `max_connections`, and as many strangers as it takes to tell a crowd.
    package static let full = OutsideRoom(sessions: 100, strangers: 32)

    /// Sessions and WAL senders. PostgreSQL: `max_connections`.
    package let sessions: Int
    /// Connections that have not shown who they are.
    package let strangers: Int

    private init(sessions: Int, strangers: Int) {
        self.sessions = sessions
        self.strangers = strangers
    }

    /// No more than so many descriptors have room for.
    package init(descriptors: Int) {
        let strangers = min(Self.full.strangers, max(1, descriptors / 4))
        self.init(
            sessions: min(Self.full.sessions, max(0, descriptors - strangers)),
            strangers: strangers)
    }
}
