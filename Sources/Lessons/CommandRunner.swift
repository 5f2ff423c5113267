package import Cluster
package import CommandLanguage

/// A lab as a lesson sees it: a line goes in, lines come out, and facts can be looked at.
///
/// Lessons never reaches past this protocol: not to a node, a socket or a disk. A conforming lab
/// prints the same bytes for the same settings and the same lines, on every machine.
package protocol CommandRunner {
    /// Runs one prompt line (which may hold several commands joined by `;`).
    func run(_ line: String) -> LineOutcome

    /// Looks at one fact without changing anything: `role r2` may give `primary`.
    ///
    /// - Returns: the value as a person would write it; nil when there is no value now.
    func observe(_ fact: Fact) -> String?

    /// Ends the lab and gives back what it held. Called once, after the last command.
    func close()
}

/// Starts a fresh lab, on any thread; throws when it cannot.
package typealias LabFactory = @Sendable (LabOptions) throws -> any CommandRunner
