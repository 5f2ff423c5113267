internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock

// What holds a replica up, and how it goes on, in words.
extension LagOutlook {
    /// The reason, as a noun, and in more lines what there is to count.
    func lines(upstream: String) -> [String] {
        let whole = isOneTransaction ? "; all that is missing is one transaction" : ""
        let rest = [trend?.text, outlookText, compressionText].compactMap(\.self)
        return [bottleneck.text(upstream: upstream) + whole] + rest.map { "  " + $0 }
    }

    private var outlookText: String? {
        if let alarm, alarm.due == .zero {
            return "beyond \(alarm.limit.setting) (\(alarm.limit.size))"
        }
        guard bottleneck.travel == nil else { return nil }
        if let catchesUpIn { return "has it all in \(catchesUpIn.meterText)" }
        return alarm.map { "alarm in \($0.due.meterText) (\($0.limit.setting))" }
    }

    private var compressionText: String? {
        evenCompression.map { "packed \(Self.ratio($0)) to 1, all of it would come through" }
    }

    /// `2.17`
    private static func ratio(_ ratio: Double) -> String {
        let hundredths = Int((min(ratio, 1e12) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// The members of a replica's object; each null when it is not behind.
    static func json(_ outlook: LagOutlook?) -> [(String, JSONValue)] {
        let trend = outlook?.trend
        return [
            ("bottleneck", .optional(outlook?.bottleneck.word)),
            ("made_bytes_per_second", trend.map { .int($0.made.whole) } ?? .null),
            ("growth_bytes_per_second", trend.map { .int($0.growth.whole) } ?? .null),
            ("catch_up_ms", outlook?.catchesUpIn?.jsonMilliseconds ?? .null),
            ("alarm_in_ms", outlook?.alarm?.due.jsonMilliseconds ?? .null),
        ]
    }
}

extension LagHistory.Trend {
    fileprivate var text: String {
        let span = "in the last \(over.meterText)"
        if made.whole == 0, replayed.whole == 0 {
            return "nothing was made and nothing replayed \(span)"
        }
        let change = "\(growth > 0 ? "grows" : "shrinks") by \(abs(growth).rateText)"
        return "made \(made.rateText), replayed \(replayed.rateText): "
            + "\(isSteady ? "stays so" : change), \(span)"
    }
}

extension Double {
    /// Bytes, whole ones.
    fileprivate var whole: Int { Int(Swift.min(Swift.max(self, -1e15), 1e15).rounded()) }

    /// `46.15MB/s`, or `nothing`.
    fileprivate var rateText: String { whole < 1 ? "nothing" : "\(ByteSize.rounded(whole))/s" }
}

extension Bottleneck {
    fileprivate func text(upstream: String) -> String {
        switch self {
        case .cut: "the link, which is cut"
        case .stalled: "the link, whose far end takes nothing"
        case .frozen(let name): "\(name), which is frozen"
        case .disconnected: "there is no connection to \(upstream)"
        case .refused: "\(upstream), which cannot be followed"
        case .upstream(let name): "\(name), which does not have it either"
        case .bandwidth(let rate): "the line, which takes \(ByteSize.text(rate))/s"
        case .window(let size, let roundTrip, let rate):
            "the window, \(ByteSize.text(size)) in \(roundTrip.text): "
                + "\(ByteSize.rounded(rate))/s at most"
        case .distance(.zero): "the wire"
        case .distance(let delay): "the distance, which takes WAL \(delay.text)"
        case .fsync(.zero): "fsync"
        case .fsync(let time): "fsync, which takes \(time.text)"
        case .disk: "the disk, which takes nothing more"
        case .replay(let cost): "replay\(cost.clauses)"
        case .reader: "a reader, for whom replay waits"
        }
    }

    fileprivate var word: String {
        switch self {
        case .cut: "cut"
        case .stalled: "stalled"
        case .frozen: "frozen"
        case .disconnected: "disconnected"
        case .refused: "refused"
        case .upstream: "upstream"
        case .bandwidth: "bandwidth"
        case .window: "window"
        case .distance: "distance"
        case .fsync: "fsync"
        case .disk: "disk"
        case .replay: "replay"
        case .reader: "reader"
        }
    }
}

extension ReplayCost {
    /// `, which takes 10ms a record`
    fileprivate var clauses: String {
        let pieces = [(record, "a record"), (megabyte, "a megabyte")].filter { $0.0 > .zero }
        guard !pieces.isEmpty else { return "" }
        return ", which takes "
            + pieces.map { "\($0.0.text) \($0.1)" }.joined(separator: " and ")
    }
}
