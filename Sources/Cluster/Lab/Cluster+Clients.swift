import DatabaseNode
import LabClock
import Network
import Storage
import WALFormat
import WireProtocol

/// A slot for something that the loop will answer. Written and read on the loop only, which is
/// what `@unchecked Sendable` stands on.
final class Pending<Value>: @unchecked Sendable {
    var value: Value?
}

// What clients ask, and what they are told.
extension Cluster {
    /// Sends one write to a node; `done` hears what its client learned. One with a client of its
    /// own is in nobody's transaction.
    func write(
        _ key: String, _ value: String?, on name: String, by client: LabClient? = nil,
        done: @escaping (Result<WriteReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        let node = try node(name)
        guard node.process != nil else { throw .isDown(name, node.state) }
        write(
            key, value, on: name, over: client ?? node.client, Self.statement(key, value),
            isInTransaction: client == nil && openTransaction?.node == name, done: done)
    }

    /// The same by a statement, whose write it is.
    /// - Parameter prefix: the statement deletes all keys that begin so; `key` is the first.
    func write(
        _ key: String, _ value: String?, on name: String, over client: LabClient,
        _ statement: String, deleting prefix: String? = nil, isInTransaction: Bool,
        done: @escaping (Result<WriteReport, LabFailure>) -> Void
    ) {
        let id = ledger.asked(node: name, key: key, value: value, at: now)
        if isInTransaction { noteInTransaction(id, deleting: prefix) }
        client.query(statement, isLong: prefix != nil) { [weak self] answer in
            guard let self else { return }
            done(learned(id, answer, from: name, isInTransaction: isInTransaction))
        }
    }

    /// What `body` asks of a node goes out in one go.
    func writeTogether(
        on name: String, _ body: () throws(LabFailure) -> Void
    ) throws(LabFailure) {
        try node(name).client.together(body)
    }

    /// Reads a key on a node; `done` hears what its client learned.
    func read(
        _ key: String, on name: String, done: @escaping (Result<ReadReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        let node = try node(name)
        guard node.process != nil else { throw .isDown(name, node.state) }
        let query = "SELECT value FROM kv WHERE key = \(SQLLiteral.quoted(key))"
        node.client.query(query) { answer in
            switch answer {
            case .lost:
                done(.failure(.noAnswer(node: name)))
            case .answered(_, .some(let error), _):
                done(.failure(.server(node: name, error)))
            case .answered(let results, nil, _):
                let value = results.first?.rows.first?.first ?? nil
                done(
                    .success(
                        ReadReport(
                            node: name, value: value.map { String(decoding: $0, as: UTF8.self) },
                            lsn: node.process?.visibleLSN ?? .invalid)))
            }
        }
    }

    static func statement(_ key: String, _ value: String?) -> String {
        let key = SQLLiteral.quoted(key)
        guard let value else { return "DELETE FROM kv WHERE key = \(key)" }
        return "INSERT INTO kv VALUES (\(key), \(SQLLiteral.quoted(value))) "
            + "ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value"
    }

    /// Writes into the ledger what the client knows now.
    func learned(
        _ id: ClientLedger.ID, _ answer: LabClient.Answer, from name: String, isInTransaction: Bool
    ) -> Result<WriteReport, LabFailure> {
        switch answer {
        case .lost(let wasSent):
            let before = ClientLedger.Fate.failed("the connection was lost before COMMIT")
            ledger.learned(id, isInTransaction || !wasSent ? before : .unknown)
            return .failure(.noAnswer(node: name))
        case .answered(_, .some(let error), _):
            // The server ended the connection, perhaps in the middle of this write's COMMIT.
            let isUnknown = error.severity == .fatal && !isInTransaction
            ledger.learned(id, isUnknown ? .unknown : .failed(error.message))
            openTransaction?.writes.removeAll { $0.id == id }
            return .failure(.server(node: name, error))
        case .answered(let results, nil, let commit):
            let count = results.first.map(\.rowCount) ?? 0
            if let commit {
                let ok = ClientLedger.Acknowledgement(
                    lsn: commit.lsn, timeline: commit.timeline, at: now)
                ledger.learned(id, .acknowledged(ok))
            } else if !isInTransaction || count == 0 {
                ledger.learned(id, .unchanged)
                openTransaction?.writes.removeAll { $0.id == id }
            }
            return .success(
                WriteReport(
                    node: name, lsn: commit?.lsn, acknowledgedAt: now, rowCount: count,
                    isInTransaction: isInTransaction))
        }
    }
}

extension ResultSet {
    /// The number at the end of a tag: `INSERT 0 1`, `DELETE 0`.
    fileprivate var rowCount: Int { tag.split(separator: " ").last.flatMap { Int($0) } ?? 0 }
}

extension Lab {
    /// Writes one key and waits for the client's answer; a nil value deletes the key.
    package func write(
        _ key: String, _ value: String?, on node: String
    ) throws(LabFailure) -> WriteReport {
        try answer(from: node) { cluster, done throws(LabFailure) in
            try cluster.write(key, value, on: node, done: done)
        }
    }

    /// Reads one key.
    package func read(_ key: String, on node: String) throws(LabFailure) -> ReadReport {
        try answer(from: node) { cluster, done throws(LabFailure) in
            try cluster.read(key, on: node, done: done)
        }
    }

    /// The value that a client would be shown for a key now; nil: no such key. Nobody is asked, so
    /// that looking leaves no trace: no connection is opened, and no time passes.
    package func visibleValue(of key: String, on node: String) throws(LabFailure) -> String? {
        try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard let process = known.process else { throw .isDown(node, known.state) }
            return process.database.get(key)
        }
    }

    /// Commits that clients were told OK about, so far.
    package var acknowledgedCount: Int { onLoop { cluster in cluster.ledger.acknowledgedCount } }

    func answer<Value: Sendable>(
        from node: String,
        _ ask:
            @escaping @Sendable (
                Cluster, @escaping (Result<Value, LabFailure>) -> Void
            ) throws(LabFailure) -> Void
    ) throws(LabFailure) -> Value {
        let pending = Pending<Result<Value, LabFailure>>()
        let (end, answer) = run { cluster in
            do throws(LabFailure) {
                try ask(cluster) { pending.value = $0 }
            } catch {
                pending.value = .failure(error)
            }
            return .condition(by: cluster.now.advanced(by: Self.patience)) {
                pending.value != nil
            }
        } then: { end in
            (end, pending.value)
        }
        if let answer { return try answer.get() }
        // Nobody waits for ever for a server that does not run.
        let gaveUp = onLoop { cluster in
            guard let known = try? cluster.node(node), known.isFrozen else { return false }
            known.client.close()
            return true
        }
        settle()
        if gaveUp, end != .interrupted { throw .silent(node: node, bound: Self.patience) }
        throw end == .interrupted
            ? .interrupted : .tookTooLong(what: "\(node)'s answer", bound: Self.patience)
    }
}
