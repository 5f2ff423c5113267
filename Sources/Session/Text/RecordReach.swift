internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import WALFormat

/// Which replicas of a node have a record in their own logs, durably.
struct RecordReach {
    private var having: [String] = []
    private var lacking: [String] = []
    private var down: [String] = []
    private var diverged: [String] = []
    private let node: String

    init(of lsn: LSN, on node: String, in standing: Standing) {
        self.node = node
        let timeline = standing.snapshot[node]?.positions?.timeline ?? .first
        let position = LogPosition(timeline, lsn)
        for replica in standing.followers where standing.origin(of: replica.name) == node {
            guard replica.isRunning else {
                down.append(replica.name)
                continue
            }
            if standing.has(position, replica) {
                having.append(replica.name)
            } else if !standing.canFollow(replica, node) {
                diverged.append(replica.name)
            } else {
                lacking.append(replica.name)
            }
        }
    }

    /// Whether no replica lacks it.
    var isEverywhere: Bool { lacking.isEmpty && down.isEmpty && diverged.isEmpty }

    /// `r1 has the bytes, r2 not yet`; nil when no replica is up to have them.
    var bytesText: String? {
        var clauses: [String] = []
        if !having.isEmpty {
            clauses.append(
                "\(Words.list(having)) \(Words.verb(having.count, "has", "have")) the bytes")
        }
        if !lacking.isEmpty {
            let verb = Words.verb(lacking.count, "does", "do")
            let rest = having.isEmpty ? "\(verb) not have the bytes yet" : "not yet"
            clauses.append("\(Words.list(lacking)) \(rest)")
        }
        return clauses.isEmpty ? nil : clauses.joined(separator: ", ")
    }

    /// `r1 has it, r2 does not yet`.
    var text: String {
        var clauses: [String] = []
        if !having.isEmpty {
            clauses.append(
                "\(Words.list(having)) \(Words.verb(having.count, "has", "have")) it")
        }
        if !lacking.isEmpty {
            let verb = Words.verb(lacking.count, "does", "do")
            let rest = having.isEmpty ? "not have it yet" : "not yet"
            clauses.append("\(Words.list(lacking)) \(verb) \(rest)")
        }
        if !diverged.isEmpty { clauses.append("\(Words.list(diverged)) cannot follow") }
        if !down.isEmpty {
            clauses.append("\(Words.list(down)) \(Words.verb(down.count, "is", "are")) down")
        }
        return clauses.isEmpty ? "no replica follows \(node)" : clauses.joined(separator: ", ")
    }
}
