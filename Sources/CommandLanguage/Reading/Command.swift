/// A command, checked and typed: what the prompt, `-c`, files, lessons and transcripts all become
/// before anything happens.
///
/// What the language must know of it: its row in the table, and how its words become it. What it
/// does, and what is said when that fails, is for whoever carries it out to require.
///
/// - Nodes are words here (``NodeReference``): that a node exists was checked by the parser, that
///   it is alive is found out when the command is carried out.
/// - No command holds text that the grammar refuses (an empty key, a key with a zero byte).
package protocol Command: Hashable, Sendable {
    /// Its row.
    static var spec: CommandSpec { get }

    /// Reads its words.
    init(_ arguments: BoundArguments) throws(Fault)
}
