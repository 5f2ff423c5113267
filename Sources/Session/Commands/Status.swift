internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `status`: every node, the trouble between them, and what the primary's death would cost.
    func status() -> Reply {
        let now = look()
        let snapshot = now.snapshot
        return Reply(
            lines: [snapshot.time.text] + events() + StatusTable(snapshot).lines
                + transaction(now) + now.troubleLines + now.lagLines + now.warnings
                + [now.riskLine],
            json: [
                [
                    "time": snapshot.time.json, "nodes": .array(snapshot.all.map(\.json)),
                    "primary": .string(snapshot.primary),
                    "in_transaction": .optional(now.transaction), "at_risk": now.riskJSON,
                ]
            ])
    }

    private func transaction(_ now: Standing) -> [String] {
        now.transaction.map { ["a transaction is open on \($0)"] } ?? []
    }
}
