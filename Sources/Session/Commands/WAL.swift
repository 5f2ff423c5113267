internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `wal`: records of a node's own log, without a range its last ones; `raw` adds their bytes.
    func wal(_ node: NodeReference?, _ range: WALRange?, raw: Bool) throws(Failure) -> Reply {
        let command = Command.wal(node: node, range: range, raw: raw)
        let name = look().name(node ?? .primary)
        let all = try ask(command) { () throws(LabFailure) in try lab.records(of: name) }
        let shown = all.within(range)
        guard !shown.isEmpty else { throw nothingThere(name, all) }
        let before = range == nil ? all.count - shown.count : 0
        let hidden =
            before > 0
            ? ["... \(CountText.of(before, "record")) before; 'wal \(name) ..\(shown[0].start)'"]
            : []
        return Reply(
            lines: events() + hidden + WALTable(shown, raw: raw).lines,
            json: shown.map { $0.json(raw: raw) })
    }

    private func nothingThere(_ name: String, _ all: [WALLine]) -> Failure {
        guard let first = all.first, let last = all.last else {
            return Failure("the log of \(name) holds no record", advice: "status")
        }
        return Failure(
            "the log of \(name) has no record there; it runs from \(first.start) to \(last.end)",
            advice: "wal \(name) \(first.start)..\(last.end)")
    }
}

extension [WALLine] {
    /// Without a range so many are shown.
    private static var shownCount: Int { 20 }

    fileprivate func within(_ range: WALRange?) -> [WALLine] {
        switch range {
        case nil: suffix(Self.shownCount)
        case .record(let position): filter { $0.start <= position && position < $0.end }
        case .records(let from, let upTo):
            filter { line in
                from.map { line.start >= $0 } ?? true && upTo.map { line.start < $0 } ?? true
            }
        }
    }
}
