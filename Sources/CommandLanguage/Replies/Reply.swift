package import JSON

/// What a command says when it worked: the lines for people, the objects for programs.
///
/// Both are made by the command at once; neither is derived from the other. Nothing in a reply may
/// depend on ports, pids, paths or wall time (`connect` alone excepted).
package struct Reply: Hashable, Sendable {
    /// Lines without their newlines. Text a user typed is escaped already.
    package var lines: [String]
    /// One JSON value a line under `--json`.
    package var json: [JSONValue]
    /// All was done and said, and what was found is wrong: the command has failed all the same.
    package var failed = false

    /// Makes a reply; without arguments, a silent one.
    package init(lines: [String] = [], json: [JSONValue] = []) {
        self.lines = lines
        self.json = json
    }

    /// The lines to print: the text, or under `--json` one encoded value a line.
    package func rendered(asJSON: Bool) -> [String] {
        asJSON ? json.map(\.encoded) : lines
    }
}
