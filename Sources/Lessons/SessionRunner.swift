internal import Cluster
internal import Session

/// A real lab under a lesson: a `Session` as Lessons' `CommandRunner`.
public final class SessionRunner: CommandRunner {
    private let lab: Lab
    private let session: Session

    /// Why no lab could be started, in words.
    public struct StartError: Error, CustomStringConvertible {
        /// What is wrong, and what to do.
        public let description: String
    }

    /// Starts a fresh lab, in a directory that goes with it.
    public init(_ settings: LabSettings) throws(StartError) {
        do throws(LabFailure) {
            lab = try Lab(LabOptions(replicas: settings.replicas, seed: settings.seed))
        } catch {
            throw StartError(description: Session.explain(error).joined(separator: "; "))
        }
        session = Session(lab: lab)
    }

    /// Runs one prompt line, as a file would have it: verbs are written out.
    public func run(_ line: String) -> CommandOutcome {
        let outcome = session.run(line)
        return CommandOutcome(lines: outcome.lines, failed: outcome.failed, quit: outcome.quit)
    }

    /// Looks at one fact; see `Session.observe`.
    public func observe(_ subject: [String]) -> String? { session.observe(subject) }

    /// Stops every node and removes the lab's directory.
    public func close() { lab.close() }
}
