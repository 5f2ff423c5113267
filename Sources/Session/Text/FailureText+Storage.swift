internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import Storage
internal import WireProtocol

// What a server, a transaction or a disk has against a command.
extension FailureText {
    /// The server refused; inside a transaction that is the transaction's end. `refusal` says it
    /// otherwise than in general.
    func server(_ node: String, _ error: ServerError, refusal: Failure? = nil) -> Failure {
        let refusal = refusal ?? self.refusal(node, error)
        guard node == standing.transaction else { return refusal }
        guard error.code.code != "25P02" else {
            return Failure(
                "the transaction on \(node) has failed (server error 25P02)",
                advice: "rollback")
        }
        return Failure(
            refusal.message + "; the transaction has failed",
            advice: "rollback" + (refusal.advice.map { ", then: \($0)" } ?? ""))
    }

    private func refusal(_ node: String, _ error: ServerError) -> Failure {
        let advice: String
        switch error.code.code {
        case "25006": return takesNoWrites(node, retyped: nil)
        case "55006": advice = "slots"
        case "42704", "42710": advice = "slots, to see which there are"
        case "54000": advice = "a shorter value"
        case "53100": advice = makeRoom(node)
        case "58030":
            let restart = "crash \(node); restart \(node)"
            advice = heir(besides: node).map { "promote \($0), or \(restart)" } ?? restart
        default: advice = error.hint?.escapedForDisplay ?? "status"
        }
        return Failure(
            "\(node) refused: \(error.message.escapedForDisplay) "
                + "(server error \(error.code.code.escapedForDisplay))",
            advice: advice)
    }

    /// A replica was to write; `retyped` is the write as it should have been typed.
    func takesNoWrites(_ node: String, retyped: String?) -> Failure {
        if standing.snapshot[node]?.takesNoWrites == true {
            return Failure(
                "\(node) is fenced and takes no writes (server error 25006)",
                advice: "unfence \(node)" + (heir(besides: node).map { ", or promote \($0)" } ?? "")
            )
        }
        let other = heir(besides: "").map { "promote \($0)" }
        return Failure(
            "\(node) is a replica and takes no writes (server error 25006)",
            advice: (standing.primaryIsUp ? retyped : other) ?? "status")
    }

    /// A disk that a command has filled is emptied by one.
    private func makeRoom(_ node: String) -> String {
        switch memory.diskFaults[node] {
        case .some(.full), .some(.room): "slots, to see who keeps its WAL; or disk \(node) ok"
        case .some(.syncError), .some(.none), nil: "free some space on the disk, then try again"
        }
    }

    /// A node's files are not what recovery, or whoever reads them, needs; `what` cannot be done.
    func cannotOpen(_ node: String, _ reason: OpenFailure, _ what: String) -> Failure {
        switch reason {
        case .incompleteBackup, .endsBeforeBackupEnd: return notSeeded(node, reason)
        case .incompleteRewind(let source):
            return Failure(
                "\(node) cannot be opened: \(reason.description.escapedForDisplay)",
                advice: "rewind \(node) from \(source.escapedForDisplay)")
        case .noThread: return StartFailure.failure(.cannotOpen(node: node, reason))
        default: break
        }
        let isHeadless = node == standing.snapshot.primary && !standing.primaryIsUp
        let heir = isHeadless ? heir(besides: node) : nil
        return Failure(
            "\(what): \(reason.description.escapedForDisplay)",
            advice: heir.map { "promote \($0)" } ?? "status, to see who is up")
    }

    /// A page that a node's table does not have, or not yet in its file.
    func noSuchPage(_ node: String, _ block: Int, _ count: Int?) -> Failure {
        guard let count else {
            return Failure(
                "page \(block) is not in \(node)'s file",
                advice: "restart \(node), then: page \(node) \(block)")
        }
        return Failure(
            "\(node)'s table has no page \(block)",
            advice: count == 0
                ? "set a key, then: page \(node) 0"
                : count == 1 ? "page \(node) 0" : "page \(node) 0, up to \(count - 1)")
    }
}
