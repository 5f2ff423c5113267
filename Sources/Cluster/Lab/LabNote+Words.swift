import DatabaseNode
import LabClock
import WALFormat

// Facts of the note that are more than a word.
extension NodeCosts {
    /// A record, a megabyte, an fsync: in nanoseconds.
    var words: String {
        [apply.record, apply.megabyte, fsync].map { "\($0.wholeNanoseconds)" }
            .joined(separator: " ")
    }

    init?(words: ArraySlice<Substring>) {
        let numbers = words.compactMap { Int64($0) }.filter { $0 >= 0 }.map(Duration.nanoseconds)
        guard numbers.count == 3 else { return nil }
        self.init()
        apply.record = numbers[0]
        apply.megabyte = numbers[1]
        fsync = numbers[2]
    }
}

extension Failover {
    /// Timeline, node, instant, old primary, and where its log ended; behind it the bounds, each
    /// with the timeline, its name, bytes and commits.
    var lines: [String] {
        let end = left.map { " \($0.timeline) \($0.lsn)" } ?? ""
        let first = "failover \(timeline) \(node) \(at.nanoseconds) \(oldPrimary)\(end)"
        let named: [(String, LossBounds.Distance?)] = [
            ("lost", bounds.lost), ("death", bounds.atDeath), ("monitor", bounds.seenByMonitor),
        ]
        return [first]
            + named.compactMap { name, distance in
                distance.map {
                    "bound \(timeline) \(name) \($0.bytes) \($0.commits.map(String.init) ?? "-")"
                }
            }
    }

    init?(words: ArraySlice<Substring>) {
        let words = Array(words)
        guard let timeline = UInt32(words[0]), let at = Int64(words[2]), at >= 0 else { return nil }
        var left: LogPosition?
        if words.count == 6 {
            guard let number = UInt32(words[4]), let end = LSN(words[5]) else { return nil }
            left = LogPosition(Timeline(number), end)
        }
        self.init(
            node: String(words[1]), timeline: Timeline(timeline),
            at: LabInstant(nanoseconds: at), oldPrimary: String(words[3]), left: left)
    }

    /// The same with one more bound; nil: the words are none of its own.
    func adding(bound words: ArraySlice<Substring>) -> Failover? {
        let words = Array(words)
        guard words[0] == "\(timeline)", let bytes = Int(words[2]) else { return nil }
        let distance = LossBounds.Distance(bytes: bytes, commits: Int(words[3]))
        let isLost = words[1] == "lost"
        let isDeath = words[1] == "death"
        let isMonitor = words[1] == "monitor"
        guard isLost || isDeath || isMonitor else { return nil }
        return Failover(
            node: node, timeline: timeline, at: at, oldPrimary: oldPrimary, left: left,
            bounds: LossBounds(
                lost: isLost ? distance : bounds.lost,
                atDeath: isDeath ? distance : bounds.atDeath,
                seenByMonitor: isMonitor ? distance : bounds.seenByMonitor))
    }
}
