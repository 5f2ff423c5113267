internal import Cluster
internal import CommandLanguage
internal import Storage
internal import WireProtocol

// What a server, a transaction or a disk has against a command.
extension FailureText {
    /// The server refused; inside a transaction that is the transaction's end.
    func server(_ node: String, _ error: ServerError) -> Failure {
        guard node == standing.transaction else { return refusal(node, error) }
        guard error.code.code != "25P02" else {
            return Failure(
                "the transaction on \(node) has failed (server error 25P02)",
                advice: "rollback")
        }
        let refusal = refusal(node, error)
        return Failure(
            refusal.message + "; the transaction has failed",
            advice: "rollback" + (refusal.advice.map { ", then: \($0)" } ?? ""))
    }

    private func refusal(_ node: String, _ error: ServerError) -> Failure {
        let advice: String
        switch error.code.code {
        case "25006":
            return Failure(
                "\(node) is a replica and takes no writes (server error 25006)", advice: onPrimary)
        case "55006":
            if case .slotDrop(let name, _) = command { return slotInUse(node, name, error) }
            advice = "slots"
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

    /// A disk that a command has filled is emptied by one.
    private func makeRoom(_ node: String) -> String {
        switch memory.diskFaults[node] {
        case .full, .room: "slots, to see who keeps its WAL; or disk \(node) ok"
        case .eio, .ok, nil: "free some space on the disk, then try again"
        }
    }

    /// The write as it should have been typed.
    private var onPrimary: String {
        guard standing.primaryIsUp else {
            return heir(besides: "").map { "promote \($0)" } ?? "status"
        }
        switch command {
        case .set(_, let key, let value):
            return "set \(Words.quoted(key, limit: .max)) \(Words.quoted(value, limit: .max))"
        case .delete(_, let key): return "delete \(Words.quoted(key, limit: .max))"
        case .get, .load, .begin, .commit, .rollback, .status, .wal, .page, .diff, .lag, .lagSet,
            .partition, .heal, .reconnect, .slots, .slotCreate, .slotDrop, .slotUse, .follow,
            .attach, .detach,
            .crash, .stop, .restart, .checkpoint, .vacuum, .disk, .damage, .promote, .lost,
            .basebackup, .wait, .config, .configSet, .connect, .tail, .help, .quit:
            return "status"
        }
    }

    func transactionIsOpen(_ node: String) -> Failure {
        if case .load = command {
            return Failure(
                "a transaction is open on \(node), and load makes commits of its own",
                advice: "commit, or rollback")
        }
        return Failure("a transaction is open on \(node) already", advice: "commit, or rollback")
    }

    /// A node's files are not what recovery, or whoever reads them, needs.
    func cannotOpen(_ node: String, _ reason: OpenFailure) -> Failure {
        switch reason {
        case .incompleteBackup, .endsBeforeBackupEnd: return notSeeded(node, reason)
        default: break
        }
        let isRestart = if case .restart = command { true } else { false }
        let isHeadless = node == standing.snapshot.primary && !standing.primaryIsUp
        let heir = isHeadless ? heir(besides: node) : nil
        return Failure(
            (isRestart ? "\(node) cannot be opened: " : "\(node)'s files cannot be read: ")
                + reason.description.escapedForDisplay,
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

    /// A file, or the place in it that a command wants, is not there.
    func directory(_ reason: String) -> Failure {
        let reason = reason.escapedForDisplay
        guard case .damage(let node, .page(let block, _)) = command else {
            return Failure("a file cannot be used: \(reason)", advice: "status")
        }
        let name = standing.name(node)
        return Failure(
            "page \(block) is not in \(name)'s file (\(reason))",
            advice: "restart \(name); checkpoint \(name); crash \(name), then damage it")
    }
}
