import DatabaseNode
import LabClock
import Network
package import SQLServer
import Storage
import WALFormat
import WireProtocol

// Transactions of the lab's own client: BEGIN, writes, COMMIT or ROLLBACK on one connection.
extension Cluster {
    /// Opens a transaction on a node.
    func begin(
        on name: String, _ isolation: SQLIsolation = .readCommitted,
        done: @escaping (Result<TransactionReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        let node = try node(name)
        guard node.process != nil else { throw .isDown(name, node.state) }
        if let open = openTransaction { throw .transactionIsOpen(node: open.node) }
        openTransaction = OpenTransaction(node: name)
        let level =
            isolation == .readCommitted
            ? "" : " ISOLATION LEVEL \(isolation.rawValue.uppercased())"
        node.client.query("BEGIN\(level)") { [weak self] answer in
            guard let self else { return }
            done(ended(answer, of: name, closes: false))
        }
    }

    /// Commits it; the OK of all its writes is this one answer.
    func commit(
        done: @escaping (Result<TransactionReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        try end("COMMIT", done: done)
    }

    /// Undoes it.
    func rollBack(
        done: @escaping (Result<TransactionReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        try end("ROLLBACK", done: done)
    }

    private func end(
        _ verb: String, done: @escaping (Result<TransactionReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        guard let open = openTransaction else { throw .noTransaction }
        let node = try node(open.node)
        if verb == "COMMIT" { openTransaction?.phase = .committing }
        node.client.query(verb) { [weak self] answer in
            guard let self else { return }
            done(ended(answer, of: open.node, closes: true))
        }
    }

    /// A write inside the transaction was sent; what its client learns waits for the end.
    func noteInTransaction(_ id: ClientLedger.ID, deleting prefix: String?) {
        openTransaction?.writes.append(OpenTransaction.Write(id: id, prefix: prefix))
    }

    /// The connection with the transaction is gone: before COMMIT was sent nothing can have
    /// happened; after it, nobody knows.
    func transactionLost(on name: String) {
        guard let open = openTransaction, open.node == name else { return }
        let fate: ClientLedger.Fate =
            switch open.phase {
            case .open: .failed("the connection was lost before COMMIT")
            case .committing: .unknown
            }
        settleWrites(fate)
    }

    private func ended(
        _ answer: LabClient.Answer, of name: String, closes: Bool
    ) -> Result<TransactionReport, LabFailure> {
        switch answer {
        case .lost:
            return .failure(.noAnswer(node: name))
        case .answered(_, .some(let error), _):
            if closes { settleWrites(.failed(error.message)) }
            return .failure(.server(node: name, error))
        case .answered(let results, nil, let commit):
            let count = openTransaction?.writes.count ?? 0
            let isCommitted = results.first?.tag == "COMMIT"
            if closes { close(isCommitted: isCommitted, commit) }
            return .success(
                TransactionReport(
                    node: name, writeCount: count, lsn: commit?.lsn, at: now,
                    isCommitted: closes && isCommitted))
        }
    }

    private func close(isCommitted: Bool, _ commit: LogPosition?) {
        if isCommitted, let commit {
            acknowledgeWrites(
                ClientLedger.Acknowledgement(lsn: commit.lsn, timeline: commit.timeline, at: now))
        } else {
            settleWrites(isCommitted ? .unchanged : .failed("rolled back"))
        }
    }

    /// The last write to each key is what the commit promised.
    private func acknowledgeWrites(_ ok: ClientLedger.Acknowledgement) {
        guard let open = openTransaction else { return }
        let last = open.lastWrites { ledger.entries[$0].key }
        for write in open.writes where !last.contains(write.id) {
            ledger.learned(write.id, .unchanged)
        }
        ledger.learned(last.sorted(), of: ok)
        openTransaction = nil
    }

    /// Nor does it promise any other if nobody knows.
    private func settleWrites(_ fate: ClientLedger.Fate) {
        guard let open = openTransaction else { return }
        let last = open.lastWrites { ledger.entries[$0].key }
        for write in open.writes where !last.contains(write.id) {
            ledger.learned(write.id, fate == .unknown ? .unchanged : fate)
        }
        ledger.learned(last.sorted(), together: fate)
        openTransaction = nil
    }
}

extension Lab {
    /// The node on which the lab's client has a transaction open.
    package var openTransaction: String? { onLoop { cluster in cluster.openTransaction?.node } }

    /// BEGIN. Until `commit` or `rollBack`, writes and reads on that node belong to it.
    package func begin(
        on node: String, _ isolation: SQLIsolation = .readCommitted
    ) throws(LabFailure) -> TransactionReport {
        try answer(from: node) { cluster, done throws(LabFailure) in
            try cluster.begin(on: node, isolation, done: done)
        }
    }

    /// COMMIT. A transaction that failed is rolled back, and the report says so.
    package func commit() throws(LabFailure) -> TransactionReport {
        try answer(from: openTransaction ?? "") { cluster, done throws(LabFailure) in
            try cluster.commit(done: done)
        }
    }

    /// ROLLBACK.
    package func rollBack() throws(LabFailure) -> TransactionReport {
        try answer(from: openTransaction ?? "") { cluster, done throws(LabFailure) in
            try cluster.rollBack(done: done)
        }
    }
}
