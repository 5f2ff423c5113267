import DatabaseNode
import LabClock
import Network
import WireProtocol

// One transaction that deletes many rows.
extension Cluster {
    /// Deletes all rows whose keys begin so; `done` hears what its client learned. In the ledger it
    /// is one write, of the first of those keys: they are gone together, or there together.
    func deleteAll(
        beginningWith prefix: String, on name: String,
        done: @escaping (Result<WriteReport, LabFailure>) -> Void
    ) throws(LabFailure) {
        let node = try node(name)
        guard node.process != nil else { throw .isDown(name, node.state) }
        let first =
            "SELECT key FROM kv WHERE key >= \(SQLLiteral.quoted(prefix)) ORDER BY key LIMIT 1"
        node.client.query(first) { [weak self, weak node] answer in
            guard let self, let node else { return }
            switch answer {
            case .lost: done(.failure(.noAnswer(node: name)))
            case .answered(_, .some(let error), _): done(.failure(.server(node: name, error)))
            case .answered(let results, nil, _):
                let key = (results.first?.rows.first?.first ?? nil)
                    .map { String(decoding: $0, as: UTF8.self) }
                let pattern = SQLLiteral.quoted(prefix.likeEscaped + "%")
                write(
                    key.flatMap { $0.hasPrefix(prefix) ? $0 : nil } ?? prefix, nil, on: name,
                    over: node.client, "DELETE FROM kv WHERE key LIKE \(pattern)", deleting: prefix,
                    isInTransaction: openTransaction?.node == name, done: done)
            }
        }
    }

    /// A statement that takes long is shown how far it is. No work for a stillness.
    func watchChanges() {
        guard let count = nodes.lazy.compactMap({ $0.process?.changeProgress }).first else {
            return
        }
        progress.reached(count.done, of: count.all)
    }

    /// Asks the servers to cancel what takes long.
    func cancelLongQueries() {
        for node in nodes { node.client.cancelLongQuery() }
    }
}

extension Lab {
    /// Deletes all rows whose keys begin so, in one transaction, and waits for the client's answer;
    /// ^C has the node cancel it.
    package func deleteAll(
        beginningWith prefix: String, on node: String
    ) throws(LabFailure) -> WriteReport {
        defer { onLoop { cluster in cluster.progress.end() } }
        return try answer(from: node) { cluster, done throws(LabFailure) in
            try cluster.deleteAll(beginningWith: prefix, on: node, done: done)
        }
    }
}

extension String {
    /// With what LIKE would take for something else escaped.
    fileprivate var likeEscaped: String {
        reduce(into: "") { text, character in
            if ["%", "_", "\\"].contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
