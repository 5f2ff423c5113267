/// What one prompt line did.
public struct LineOutcome: Hashable, Sendable {
    /// Replies and errors in the order they were made, without line ends.
    public var lines: [String]
    /// A command of the line failed.
    public var failed: Bool
    /// The line ended the session.
    public var quit: Bool

    /// An outcome; by default one that says nothing.
    public init(lines: [String] = [], failed: Bool = false, quit: Bool = false) {
        self.lines = lines
        self.failed = failed
        self.quit = quit
    }
}
