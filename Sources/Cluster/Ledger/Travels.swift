import WALFormat

/// How far the logs of the lab have ever got, for the ledger's column `reached`: facts, which
/// nothing that happens later takes back. A crash, a new connection, a promotion or a base backup
/// changes what is on a disk; it does not change that the bytes had got there.
struct Travels: Hashable, Sendable {
    /// What each node has handed to its sockets towards each replica.
    var sent: [String: [String: ReachedLog]] = [:]
    /// What each member has ever had durably in its directory, by name.
    var received: [String: ReachedLog] = [:]

    /// How far a commit got that a node has acknowledged.
    func reach(of commit: LogPosition, from node: String) -> Reach {
        let holders = received.filter { $0.key != node && $0.value.includes(commit) }.keys
        if !holders.isEmpty { return .receive(on: holders.sorted()) }
        let towards = (sent[node] ?? [:]).filter { $0.value.includes(commit) }.keys
        return towards.isEmpty ? .ack : .send(towards: towards.sorted())
    }

    /// Where the log of a node ended when it was last on a timeline.
    func end(of node: String, on timeline: Timeline) -> LSN? { received[node]?.ends[timeline] }
}

// As a kept lab's note has it, one fact a line.
extension Travels {
    var lines: [String] {
        let sending = sent.sorted { $0.key < $1.key }.flatMap { node, replicas in
            replicas.sorted { $0.key < $1.key }.flatMap { replica, log in
                log.lines.map { "sent \(node) \(replica) \($0)" }
            }
        }
        return sending
            + received.sorted { $0.key < $1.key }.flatMap { node, log in
                log.lines.map { "received \(node) \($0)" }
            }
    }

    /// Reads one line; false when it is none.
    mutating func read(_ words: [Substring]) -> Bool {
        guard let number = UInt32(words[words.count - 2]), let end = LSN(words[words.count - 1])
        else { return false }
        let (node, timeline) = (String(words[1]), Timeline(number))
        switch words[0] {
        case "sent":
            sent[node, default: [:]][String(words[2]), default: ReachedLog()]
                .extend(to: end, on: timeline)
        default: received[node, default: ReachedLog()].extend(to: end, on: timeline)
        }
        return true
    }
}

extension ReachedLog {
    fileprivate var lines: [String] {
        ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    }
}
