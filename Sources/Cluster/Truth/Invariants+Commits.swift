import WALFormat

/// No OK is forgotten: it is on the primary, or the loss ledger names it.
struct CommitsAccountedFor: Invariant {
    let name = "commits accounted for"
    let sentence =
        "Every acknowledged commit is in the primary's log or named as lost, and none twice."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        let acknowledged = now.ledger.acknowledged
        let gone = now.gone
        var judgement = Judgement(
            "\(acknowledged.count) acknowledged = \(acknowledged.count - gone.count) on "
                + "\(now.snapshot.primary) + \(gone.count) lost")
        guard now.standing.end != nil else { return judgement }
        if let loss = now.loss { hold(loss, against: gone, now, &judgement) }
        guard let before, now.hasSamePrimary(as: before) else { return judgement }
        let goneBefore = before.gone
        let toldBefore = Set(before.ledger.acknowledged.map(\.entry.id))
        for (entry, told) in acknowledged
        where gone.contains(entry.id) && !goneBefore.contains(entry.id) {
            guard toldBefore.contains(entry.id) || entry.node == now.snapshot.primary else {
                continue
            }
            judgement.found(
                entry.node,
                evidence: "\(entry.key), acknowledged by \(entry.node) at \(told.position), is not "
                    + "in the log of \(now.snapshot.primary)")
        }
        return judgement
    }

    /// The ledger's names for what is gone are those that the lineages give.
    private func hold(
        _ loss: LossReport, against gone: Set<ClientLedger.ID>, _ now: TruthMoment,
        _ judgement: inout Judgement
    ) {
        let survivor = loss.survivor
        var named = loss.lost.map { Name(lsn: $0.lsn, node: $0.node, key: $0.key) }
        let lacking = now.ledger.acknowledged.filter { gone.contains($0.entry.id) }
            .map { Name(lsn: $0.acknowledgement.lsn, node: $0.entry.node, key: $0.entry.key) }
        for name in lacking {
            if let index = named.firstIndex(of: name) {
                named.remove(at: index)
            } else {
                judgement.found(
                    survivor,
                    evidence: "\(name.key) at \(name.lsn) is not in the log of \(survivor), and "
                        + "the ledger does not name it")
            }
        }
        // What a node that is down had is known by its disk alone, which may be damaged since.
        guard now.standing.primaryIsUp else { return }
        for name in named {
            judgement.found(
                survivor,
                evidence: "the ledger names \(name.key) at \(name.lsn) as lost, and it is in the "
                    + "log of \(survivor), or named twice")
        }
    }

    private struct Name: Hashable {
        let lsn: LSN
        let node: String
        let key: String
    }
}

/// What the lab says before an act is what the act does.
struct CostsAsSaid: Invariant {
    let name = "costs as said"
    let sentence = "A promotion loses the commits that it was said to cost."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        let said = now.promotions.map { promotion in
            "\(promotion.node): said "
                + (promotion.said.map { Judgement.count($0, "commit") } ?? "nothing")
                + ", lost \(promotion.lost)"
        }
        var judgement = Judgement(
            said.isEmpty ? "nothing was promoted" : said.joined(separator: ", "))
        for promotion in now.promotions {
            guard let said = promotion.said else { continue }
            if let logLost = promotion.logLost, logLost != said {
                judgement.found(
                    promotion.node,
                    evidence: "promoting \(promotion.node) was said to cost \(said) commits, and "
                        + "its log lacks \(logLost)")
            }
            // A commit that changed no row, or whose OK is on its way, is in no ledger.
            let isLedgerWhole = promotion.acknowledged == promotion.commits
            guard promotion.lost > said || isLedgerWhole && promotion.lost != said else { continue }
            judgement.found(
                promotion.node,
                evidence: "promoting \(promotion.node) was said to cost \(said) commits, and lost "
                    + "\(promotion.lost)")
        }
        return judgement
    }
}
