internal import Cluster
internal import CommandLanguage
internal import Session

/// Holds a lab against the model after each line: who is the primary, how many commits each node
/// has, what keys are there, what is lost, who is behind, and that who can follow does.
final class ModelJudge {
    private var model: ClusterModel
    private var before: Observation?
    private var written: [String] = []
    private var lineCount = 0

    init(_ script: SessionScript) { model = ClusterModel(replicas: script.replicas) }

    func judge(_ moment: SessionRun.Moment) -> [String] {
        guard !model.isLost else { return [] }
        lineCount += 1
        let now = Observation(moment.lab)
        defer { before = now }
        model.did(moment.line, failed: moment.failed)
        let problems = model.isLost ? [] : model.saw(now, before: before ?? now)
        guard problems.isEmpty, !model.isLost else { return problems }
        return values(now, moment.lab) + losses(moment) + lags(now, moment.session)
            + risks(now, moment) + stragglers(now, moment.line)
    }

    /// Two keys are read on every node: the one written last, and another in turn.
    private func values(_ now: Observation, _ lab: Lab) -> [String] {
        guard let last = model.commits.last?.key else { return [] }
        let turn = model.commits[lineCount % model.commits.count].key
        return now.names.filter { now.nodes[$0]?.commits != nil }.flatMap { node in
            Set([last, turn]).sorted().compactMap { key in
                let expected = model.value(of: key, on: node)
                let found: String?
                do throws(LabFailure) {
                    found = try lab.visibleValue(of: key, on: node)
                } catch {
                    return nil
                }
                guard found != expected else { return nil }
                return "model, value: \(key) on \(node) is \(found ?? "not there"), "
                    + "and should be \(expected ?? "not there")"
            }
        }
    }

    private static let changesLosses = ["promote", "crash", "restart", "basebackup", "wait"]

    private func losses(_ moment: SessionRun.Moment) -> [String] {
        let verb = moment.line.prefix { $0 != " " }
        guard Self.changesLosses.contains(String(verb)), let report = try? moment.lab.lost() else {
            return []
        }
        let found = report.lost.map { ModelCommit(key: $0.key, value: $0.value) }
        guard found != model.lost else { return [] }
        return [
            "model, lost: \(Self.text(found))", "and should be: \(Self.text(model.lost))",
        ]
    }

    private static func text(_ commits: [ModelCommit]) -> String {
        commits.isEmpty
            ? "nothing" : commits.map { "\($0.key)=\($0.value ?? "-")" }.joined(separator: " ")
    }

    private func lags(_ now: Observation, _ session: Session) -> [String] {
        now.names.compactMap { node in
            guard let text = session.observe(.node(.commitsBehind, .named(node))),
                let found = Int(text)
            else {
                return nil
            }
            let expected = model.behind(node)
            guard found != expected else { return nil }
            return "model, behind: \(node) is \(found) commits behind, and should be \(expected)"
        }
    }

    /// What `status` says a promotion would cost is what it would: for every replica that is up.
    private func risks(_ now: Observation, _ moment: SessionRun.Moment) -> [String] {
        guard moment.line.hasPrefix("status --json"), let text = moment.output.first else {
            return []
        }
        let found = AtRisk(readingStatus: text).commits
        return now.names.compactMap { name in
            guard let node = now.nodes[name], node.commits != nil, !node.isPrimary else {
                return nil
            }
            let expected = model.behind(name)
            guard found[name] != expected else { return nil }
            let words = found[name].map { "is said to cost \($0)" } ?? "is not said to cost any"
            return "model, risk: promoting \(name) \(words), and would cost \(expected) commits"
        }
    }

    /// After a wait that is longer than every timeout, who has a whole way to a primary has all of
    /// its commits, or says that it cannot follow.
    private func stragglers(_ now: Observation, _ line: String) -> [String] {
        guard ["wait 3m", "wait 20m"].contains(line) else { return [] }
        return now.names.compactMap { name in
            let chain = now.chain(name)
            let isWhole = ([name] + chain).allSatisfy { link in
                guard let node = now.nodes[link] else { return false }
                return node.commits != nil && !node.isLinkTroubled && !node.isRefused
            }
            guard isWhole, let end = chain.last, now.nodes[end]?.isPrimary == true,
                let own = model.logs[name], let wanted = model.logs[end], own != wanted
            else { return nil }
            return "model, straggler: \(name) has \(own.count) of the \(wanted.count) commits of "
                + "\(end) after \(line)"
        }
    }
}
