/// A node as a command names it.
package enum NodeReference: Hashable, Sendable, CustomStringConvertible {
    /// The word `primary`: whichever node is the primary when the command runs.
    case primary
    /// A node's own name, such as `r1`.
    case named(String)

    /// The word as typed.
    package var description: String {
        switch self {
        case .primary: "primary"
        case .named(let name): name
        }
    }
}
