package import LabClock

/// An application's clients, and what they were told.
package struct ClientsReport: Hashable, Sendable {
    /// Where one of them goes.
    package struct Client: Hashable, Sendable {
        package let name: String
        /// The node it sends its writes to.
        package let node: String
        /// Till then it believes that, and asks again; nil: until it is told.
        package let until: LabInstant?
        package let counts: ClientTally.Counts
        /// When it was last told OK; nil: never.
        package let lastOK: LabInstant?
    }

    package let terms: RoutedClient.Terms
    package let route: ClientRoute
    package let began: LabInstant
    /// In their own order.
    package let clients: [Client]
    package let tally: ClientTally
    /// When each node last told one of them OK.
    package let lastOKs: [String: LabInstant]
}
