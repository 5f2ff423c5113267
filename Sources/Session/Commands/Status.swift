internal import Cluster
internal import CommandLanguage

extension Session {
    /// `status`: every node, the trouble between them, and what the primary's death would cost.
    func status() -> Reply {
        let now = look()
        let snapshot = now.snapshot
        return Reply(
            lines: [snapshot.time.text] + events() + StatusTable(snapshot).lines
                + now.troubleLines + now.lagLines + now.warnings + [now.riskLine],
            json: [
                [
                    "time": snapshot.time.json, "nodes": .array(snapshot.nodes.map(\.json)),
                    "primary": .string(snapshot.primary), "at_risk": now.riskJSON,
                ]
            ])
    }
}
