/// What the language needs to know of the lab to read a line: names, nothing else.
///
/// Parsing depends only on `nodeNames`, `configNames` and `isInteractive`, so a file means the same
/// whatever the lab holds; the rest serves completion
/// and advice.
package struct ParsingContext: Hashable, Sendable {
    /// Every node's name in the lab's order, such as `p`, `r1`, `r2`.
    package var nodeNames: [String]
    /// Which of them is the primary now, if any: completion leaves it out where a replica belongs.
    package var primaryName: String?
    /// Keys to offer at TAB. Needed for completion only; a few thousand at the most.
    package var keys: [String]
    /// Replication slots to offer at TAB. Needed for completion only.
    package var slotNames: [String] = []
    /// Names that `config NAME` accepts. When empty, any name passes and the session judges it.
    package var configNames: [String]
    /// Whether a person types: then a unique beginning of a verb will do. Never so in files.
    package var isInteractive: Bool

    /// Makes a context; without arguments, that of a lab with no nodes, reading a file.
    package init(
        nodeNames: [String] = [], primaryName: String? = nil, keys: [String] = [],
        configNames: [String] = [], isInteractive: Bool = false
    ) {
        self.nodeNames = nodeNames
        self.primaryName = primaryName
        self.keys = keys
        self.configNames = configNames
        self.isInteractive = isInteractive
    }

    /// The node that `word` means, `nil` if it is not a node word.
    package func node(_ word: String) -> NodeReference? {
        if nodeNames.contains(word) { return .named(word) }
        return word == Self.primaryWord ? .primary : nil
    }

    /// The word that always means the current primary.
    package static let primaryWord = "primary"

    /// The words a learner may type where any node belongs.
    var nodeWords: [String] { nodeNames.isEmpty ? [] : nodeNames + [Self.primaryWord] }

    /// The words that make sense where a replica belongs.
    var replicaWords: [String] { nodeNames.filter { $0 != primaryName } }
}
