import Cluster
import CommandLanguage
import Session
import Testing

/// Gives `body` a conversation with a fresh lab, and closes the lab behind it.
func withSession<Result>(
    replicas: Int = 2, seed: UInt64 = 1, _ body: (Session) throws -> Result
) throws -> Result {
    let lab = try Lab(LabOptions(replicas: replicas, seed: seed))
    defer { lab.close() }
    return try body(watched(Session(lab: lab)))
}

/// A session of whose every command the truth checker has nothing to say.
func watched(_ session: Session) -> Session {
    session.breached = { breaches in
        for breach in breaches { Issue.record("breach of \(breach)") }
    }
    return session
}

extension Session {
    /// Runs lines one after the other and gives all that was said.
    @discardableResult
    func say(_ lines: String...) -> [String] {
        lines.flatMap { run($0, keepsGoing: true).lines }
    }

    /// A fact as a goal would ask for it.
    func fact(_ text: String) -> String? {
        let words = text.split(separator: " ").map(String.init)
        do throws(FactProblem) {
            return observe(try Fact(words, in: ParsingContext(of: LabOptions(replicas: 16))))
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }
}
