internal import Cluster
internal import DatabaseNode

/// What the model is held against after a line: what a person at the prompt could read off.
struct Observation: Hashable {
    struct Node: Hashable {
        var isPrimary = false
        /// Nil for a primary.
        var upstream: String?
        /// Transactions that have committed; nil when it is down.
        var commits: Int?
        /// A standby that says it will never follow its upstream.
        var isRefused = false
        /// The link to its upstream is cut, or will be, or is too slow for the timeouts.
        var isLinkTroubled = false
    }

    var primary: String
    var nodes: [String: Node]

    init(primary: String, nodes: [String: Node]) {
        self.primary = primary
        self.nodes = nodes
    }

    init(_ lab: Lab) {
        let snapshot = lab.snapshot()
        primary = snapshot.primary
        nodes = Dictionary(uniqueKeysWithValues: snapshot.nodes.map { ($0.name, Node($0)) })
    }

    /// In the order of names: what is said about nodes must not depend on a hash.
    var names: [String] { nodes.keys.sorted() }
}

extension Observation.Node {
    fileprivate init(_ node: LabSnapshot.Node) {
        if case .standby(let upstream) = node.role {
            self.upstream = upstream
        } else {
            isPrimary = true
        }
        commits = node.positions?.commits
        if case .stopped = node.reception { isRefused = true }
        isLinkTroubled =
            node.link.map {
                $0.isTroubled || $0.delay > .seconds(5)
            } ?? false
    }
}
