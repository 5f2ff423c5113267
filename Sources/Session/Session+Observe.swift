internal import Cluster
internal import CommandLanguage
internal import LabClock
internal import Replication
internal import WALFormat

/// Facts of the lab, one at a time, for goals and predictions.
extension Session {
    /// One fact as a person would write it; nil when there is no such value, or no such fact.
    ///
    /// - `time`, `primary`, `lost`, `acknowledged`, `in_transaction` (the node that has one open),
    ///   and every setting by its name (`full_page_writes`)
    /// - `role NODE` (primary, replica), `state NODE` (as `status` shows it), `timeline NODE`,
    ///   `commits NODE`
    /// - `commits_behind NODE`, `byte_lag NODE` (in bytes), `time_lag NODE` (whole milliseconds,
    ///   `733ms`), `link NODE` (whole, cut), `delay NODE` (whole milliseconds)
    /// - `upstream NODE` (none for a primary), `slot NODE` (the one it uses), `wal_start NODE` (the
    ///   first byte of its log that is still there), `slots NODE` (how many it has)
    /// - `wal_status NODE SLOT` (reserved, extended, unreserved, lost; none while it keeps nothing)
    /// - `value NODE KEY`: what `get` would say, so inside a transaction its own writes too
    /// - `diff NODE NODE` (identical, different, unknowable)
    ///
    /// NODE may be `primary`. Nothing changes by looking.
    public func observe(_ subject: [String]) -> String? {
        let now = look()
        switch subject.count {
        case 1: return fact(subject[0], now)
        case 2: return node(subject[1], now).flatMap { fact(subject[0], of: $0, now) }
        case 3 where subject[0] == "value":
            guard let node = node(subject[1], now) else { return nil }
            return value(of: subject[2], on: node.name)
        case 3 where subject[0] == "wal_status":
            guard let node = node(subject[1], now) else { return nil }
            return walStatus(of: subject[2], on: node.name)
        case 3 where subject[0] == "diff":
            guard let first = node(subject[1], now), let second = node(subject[2], now) else {
                return nil
            }
            return outcome(ofComparing: first.name, with: second.name)
        default: return nil
        }
    }

    private func node(_ word: String, _ now: Standing) -> LabSnapshot.Node? {
        now.snapshot[word == ParsingContext.primaryWord ? now.snapshot.primary : word]
    }

    private func fact(_ name: String, _ now: Standing) -> String? {
        switch name {
        case "time": now.snapshot.time.text
        case "primary": now.snapshot.primary
        case "lost": lostCount.map(String.init)
        case "acknowledged": String(lab.acknowledgedCount)
        case "in_transaction": now.transaction
        default: lab.settings().first { $0.name == name }?.value
        }
    }

    private func fact(_ name: String, of node: LabSnapshot.Node, _ now: Standing) -> String? {
        switch name {
        case "role": node.isStandby ? "replica" : "primary"
        case "state": node.stateText
        case "timeline": node.positions?.timeline.description
        case "commits": node.positions.map { String($0.commits) }
        case "commits_behind": now.lag(of: node).map { String($0.commits) }
        case "byte_lag": now.lag(of: node).map { String($0.byteCount) }
        case "time_lag": now.lag(of: node)?.time.map(Self.milliseconds)
        case "upstream": node.isStandby ? now.upstream(of: node.name) : "none"
        case "slot": node.slot ?? "none"
        case "slots": retention(of: node).map { String($0.slots.count) }
        case "wal_start": retention(of: node)?.oldest.description
        case "link": node.link.map { $0.isCut ? "cut" : "whole" }
        case "delay": node.link.map { Self.milliseconds($0.delay) }
        default: nil
        }
    }

    private func retention(of node: LabSnapshot.Node) -> RetentionReport? {
        lab.retention().first { $0.node == node.name }
    }

    private func walStatus(of slot: String, on node: String) -> String? {
        let slots = lab.retention().first { $0.node == node }?.slots
        return slots?.first { $0.name == slot }.map { $0.status?.rawValue ?? "none" }
    }

    /// In a single unit, so that goals can compare it.
    private static func milliseconds(_ duration: Duration) -> String {
        "\(duration.wholeNanoseconds / 1_000_000)ms"
    }

    private var lostCount: Int? {
        do throws(LabFailure) { return try lab.lost().lost.count } catch { return nil }
    }

    private func value(of key: String, on node: String) -> String? {
        do throws(LabFailure) { return try lab.read(key, on: node).value } catch { return nil }
    }
}
