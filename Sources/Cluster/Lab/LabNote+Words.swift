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
    /// Timeline, node, instant, old primary, and where its log ended.
    var line: String {
        let end = left.map { " \($0.timeline) \($0.lsn)" } ?? ""
        return "failover \(timeline) \(node) \(at.nanoseconds) \(oldPrimary)\(end)"
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
}
