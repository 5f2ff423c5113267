package import Cluster
package import CommandLanguage
internal import Session

/// A real lab under a lesson: a `Session` as Lessons' `CommandRunner`.
package final class SessionRunner: CommandRunner {
    private let lab: Lab
    private let session: Session
    private var breaches: [Breach] = []

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
        session.breached = { [weak self] in self?.breaches += $0 }
    }

    /// Runs one prompt line, as a file would have it: verbs are written out. What does not hold of
    /// the lab after a command is said as if the command had, and fails it.
    package func run(_ line: String) -> LineOutcome {
        var outcome = session.run(line)
        outcome.lines += breaches.map { "breach of \($0)" }
        if !breaches.isEmpty { outcome.failed = true }
        breaches = []
        return outcome
    }

    /// Ends the command that runs, at the next stillness. From any thread, until `close`.
    package func interrupt() { lab.interrupt() }

    /// Looks at one fact.
    package func observe(_ fact: Fact) -> String? { session.observe(fact) }

    /// Stops every node and removes the lab's directory.
    package func close() { lab.close() }
}
