import WALFormat

/// What a promotion was said to cost before it was made, and what it cost then.
struct PromotionCost: Hashable, Sendable {
    let node: String
    /// Commits of the old primary that the new one was said to lack; nil: nobody knew.
    let said: Int?
    /// Commits that the old primary had.
    let commits: Int
    /// Those of them whose OK reached the lab's client.
    let acknowledged: Int
    /// Those of these that the new primary's log does not hold.
    let lost: Int
    /// Commits of the old primary's log, acknowledged or not, that the new one's does not hold;
    /// nil: nobody has counted them.
    let logLost: Int?

    init(
        node: String, said: Int?, commits: Int, acknowledged: Int, lost: Int, logLost: Int? = nil
    ) {
        self.node = node
        self.said = said
        self.commits = commits
        self.acknowledged = acknowledged
        self.lost = lost
        self.logLost = logLost
    }

    /// Of a promotion that was just made; `ledger` is as it was before.
    init?(
        of node: String, before: Standing, _ ledger: ClientLedger, log: LogExtent, logLost: Int?
    ) {
        guard let old = before.end else { return nil }
        let positions = Set(ledger.acknowledged.map(\.acknowledgement.position)).filter {
            old.log.contains($0)
        }
        self.init(
            node: node, said: before.candidates.first { $0.name == node }?.cost,
            commits: old.commits, acknowledged: positions.count,
            lost: positions.count { !log.contains($0) }, logLost: logLost)
    }
}

extension ClientLedger.Acknowledgement {
    /// Where its COMMIT ends, and in which history.
    var position: LogPosition { LogPosition(timeline, lsn) }
}
