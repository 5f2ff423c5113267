internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import LabClock
internal import Replication
internal import WALFormat

/// Looks at facts of the lab. Nothing changes by looking.
struct FactReading {
    let lab: Lab
    let now: Standing

    init(_ context: CommandContext) {
        lab = context.lab
        now = context.look()
    }

    /// The value as a person would write it; nil when there is none: a node that is down has no
    /// positions.
    func value(of fact: Fact) -> String? {
        switch fact {
        case .lab(let fact): value(of: fact)
        case .setting(let name): lab.settings().first { $0.name == name }?.value
        case .node(let fact, let node):
            now.snapshot[now.name(node)].flatMap { value(of: fact, on: $0) }
        case .value(let node, let key): value(ofKey: key, on: now.name(node))
        case .walStatus(let node, let slot): walStatus(of: slot, on: now.name(node))
        case .diff(let first, let second):
            outcome(ofComparing: now.name(first), with: now.name(second))
        }
    }

    private func value(of fact: LabFact) -> String? {
        switch fact {
        case .time: now.snapshot.time.text
        case .primary: now.snapshot.primary
        case .lost: lostCount.map(String.init)
        case .acknowledged: String(lab.acknowledgedCount)
        case .inTransaction: now.transaction
        case .readFrom: lab.lastRead?.read.node ?? "none"
        case .readValue: lab.lastRead?.read.value
        case .ownMisses: String(lab.readCounts.misses)
        case .failoverTime: failoverTime.map(Self.milliseconds)
        }
    }

    private func value(of fact: NodeFact, on node: LabSnapshot.Node) -> String? {
        switch fact {
        case .role: node.isStandby ? "replica" : "primary"
        case .state: node.stateText
        case .timeline: node.positions?.timeline.description
        case .commits: node.positions.map { String($0.commits) }
        case .commitsBehind: now.lag(of: node).map { String($0.commits) }
        case .byteLag: now.lag(of: node).map { String($0.byteCount) }
        case .timeLag: now.lag(of: node)?.time.map(Self.milliseconds)
        case .upstream: node.isStandby ? now.upstream(of: node.name) : "none"
        case .slot: node.slot ?? "none"
        case .slots: retention(of: node.name).map { String($0.slots.count) }
        case .walStart: retention(of: node.name)?.oldest.description
        case .link: node.link.map { $0.isCut ? "cut" : "whole" }
        case .delay: node.link.map { Self.milliseconds($0.delay) }
        }
    }

    private func retention(of node: String) -> RetentionReport? {
        lab.retention().first { $0.node == node }
    }

    private func walStatus(of slot: String, on node: String) -> String? {
        let slots = retention(of: node)?.slots
        return slots?.first { $0.name == slot }.map { $0.status?.rawValue ?? "none" }
    }

    /// In a single unit, so that goals can compare it.
    private static func milliseconds(_ duration: Duration) -> String {
        "\(duration.wholeNanoseconds / 1_000_000)ms"
    }

    private var failoverTime: Duration? {
        lab.failoverBudget.flatMap { budget in budget.ended?.since(budget.began) }
    }

    private var lostCount: Int? {
        do throws(LabFailure) { return try lab.lost().lost.count } catch { return nil }
    }

    private func value(ofKey key: String, on node: String) -> String? {
        do throws(LabFailure) { return try lab.visibleValue(of: key, on: node) } catch {
            return nil
        }
    }

    private func outcome(ofComparing first: String, with second: String) -> String? {
        guard first != second else { return nil }
        do throws(LabFailure) {
            return ComparisonText(try lab.diff(first, second), first, second).outcome
        } catch {
            return nil
        }
    }
}
