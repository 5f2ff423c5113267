package import Cluster
package import CommandLanguage
internal import Session

/// A real lab under a lesson: a `Session` as Lessons' `CommandRunner`.
package final class SessionRunner: CommandRunner {
    private let lab: Lab
    private let session: Session

    /// Why no lab could be started, in words.
    package struct StartError: Error, CustomStringConvertible {
        /// What is wrong, and what to do.
        package let description: String
    }

    /// Starts a fresh lab, in a directory that goes with it.
    package init(_ settings: LabOptions) throws(StartError) {
        do throws(LabFailure) {
            lab = try Lab(settings)
        } catch {
            throw StartError(description: Session.explain(error).joined(separator: "; "))
        }
        session = Session(lab: lab)
    }

    /// Runs one prompt line, as a file would have it: verbs are written out.
    package func run(_ line: String) -> LineOutcome { session.run(line) }

    /// Looks at one fact.
    package func observe(_ fact: Fact) -> String? { session.observe(fact) }

    /// Stops every node and removes the lab's directory.
    package func close() { lab.close() }
}
