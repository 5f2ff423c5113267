import DatabaseNode
import WALFormat

/// What a slot promises to keep is kept, and it promises no less than its replica needs.
struct SlotsKeepWAL: Invariant {
    let name = "slots keep WAL"
    let sentence =
        "A slot's restart_lsn is not past its replica's flush, and WAL from there on is kept."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var judgement = Judgement("no slot")
        var said: [String] = []
        for report in now.retention {
            for slot in report.slots {
                guard let restart = slot.restart, slot.lostAt == nil else { continue }
                said.append("\(slot.name) on \(report.node) keeps \(restart)")
                if report.oldest > restart {
                    judgement.found(
                        report.node,
                        evidence: "\(slot.name) on \(report.node) keeps WAL from \(restart), and "
                            + "the oldest there is \(report.oldest)")
                }
                check(slot, restart, on: report.node, now, &judgement)
            }
        }
        if !said.isEmpty { judgement.evidence = said.joined(separator: ", ") }
        return judgement
    }

    /// A slot that was made after its replica fell behind is past it until the first report.
    private func check(
        _ slot: SlotView, _ restart: LSN, on name: String, _ now: TruthMoment,
        _ judgement: inout Judgement
    ) {
        guard
            let stream = now.streams.first(where: {
                $0.upstream.name == name && $0.replica.name == slot.usedBy
                    && $0.replica.slot == slot.name
            }), stream.upstream.senders.first(where: { $0.name == slot.usedBy })?.flush != nil,
            let flush = stream.replica.positions?.flush, restart > flush
        else { return }
        judgement.found(
            name, stream.replica.name,
            evidence: "\(slot.name) on \(name) keeps WAL from \(restart), and "
                + "\(stream.replica.name) has only \(flush)")
    }
}
