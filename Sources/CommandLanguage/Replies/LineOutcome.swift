/// What one prompt line did.
package struct LineOutcome: Hashable, Sendable {
    /// Replies and errors in the order they were made, without line ends.
    package var lines: [String]
    /// A command of the line failed.
    package var failed: Bool
    /// The line ended the session.
    package var quit: Bool

    /// An outcome; by default one that says nothing.
    package init(lines: [String] = [], failed: Bool = false, quit: Bool = false) {
        self.lines = lines
        self.failed = failed
        self.quit = quit
    }
}
