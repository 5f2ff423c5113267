internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

extension Session {
    /// `stop`: a clean shutdown, which waits for connected replicas.
    func stop(_ node: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node)
        let report = try ask(.stop(node: node)) { () throws(LabFailure) in try lab.stop(name) }
        memory.wentDown(name, at: report.flush)
        return Reply(
            lines: report.lines + consequences(since: before), json: [report.json])
    }
}

extension StopReport {
    fileprivate var lines: [String] {
        let waited = took > .zero ? ", \(took.text) later" : ""
        var lines = ["\(node) stopped cleanly at \(flush)\(waited)"]
        if !confirmed.isEmpty {
            let verb = Words.verb(confirmed.count, "has", "have")
            lines.append("\(Words.list(confirmed)) \(verb) all of its WAL")
        }
        if !unconfirmed.isEmpty {
            lines.append("\(Words.list(unconfirmed)) did not confirm all of its WAL in time")
        }
        return lines
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "flush_lsn": .string(flush.description),
            "confirmed": .array(confirmed.map { .string($0) }),
            "unconfirmed": .array(unconfirmed.map { .string($0) }),
            "took_ms": took.jsonMilliseconds,
        ]
    }
}
