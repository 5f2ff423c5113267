internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Replication

/// `monitor`: step 1 of the failover procedure. Has the primary's health checked, or says what the
/// checker thinks.
struct MonitorCommand: LabCommand {
    /// What is done.
    enum Wish: Hashable {
        case look
        case begin(FailureDetector.Terms)
        case end
    }

    let wish: Wish

    private enum Word: String, CaseIterable {
        case off
    }

    private static let misses = 1...1_000
    private static let least = LabDuration(milliseconds: 10)
    private static let greatest = LabDuration(milliseconds: 3_600_000)

    static let spec = CommandSpec(
        "monitor", .failover,
        [
            CommandParameter(
                "ACTION", .oneOf(Word.allCases.map { Alternative($0.rawValue) }), .optional),
            CommandParameter("D", .duration, .assigned("interval", example: "1s")),
            CommandParameter("N", .number, .assigned("misses", example: "3")),
            CommandParameter("T", .duration, .assigned("timeout", example: "1s")),
        ],
        summary: "detect the primary's death",
        details: """
            Step 1 of the failover procedure. A client on a machine of its own asks the primary \
            one query each interval (1s), over a link of its own. A check without an answer \
            within timeout= (the interval) is missed, and after misses= (3) in a row the node is \
            declared dead: three to four intervals after it died, by the phase. It sees answers \
            and nothing else: after 'partition monitor' a living primary is dead to it.
            Alone it says what the monitor sees; 'monitor off' ends it. After a promotion it \
            watches the new primary.
            """,
        example: "monitor interval=1s misses=3", seeAlso: ["promote", "partition", "freeze"],
        changesState: true,
        triedWords: ["healthcheck", "health", "detect", "detector", "heartbeat", "patroni"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        switch wish {
        case .look: break
        case .begin(let terms):
            try context.ask(self) { () throws(LabFailure) in
                try context.lab.beginMonitor(terms)
            }
        case .end:
            try context.ask(self) { () throws(LabFailure) in try context.lab.endMonitor() }
            return Reply(
                lines: ["nobody checks the primary any more"] + context.events(),
                json: [["monitor": .null]])
        }
        guard let report = context.lab.monitorReport else {
            return Reply(
                lines: ["nobody checks the primary; monitor interval=1s misses=3 begins"]
                    + context.events(), json: [["monitor": .null]])
        }
        let lines = wish == .look ? report.lines(at: context.lab.now) : [report.beginning]
        return Reply(lines: lines + context.events(), json: [["monitor": report.json]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension MonitorCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        let terms = ["D", "N", "T"].compactMap { arguments[$0] }
        if arguments["ACTION"] != nil {
            _ = try arguments.word("ACTION", of: Word.self)
            if let word = terms.first {
                throw Fault(.unfit("what is ended has no terms", advice: "monitor off"), at: word)
            }
            wish = .end
        } else if terms.isEmpty {
            wish = .look
        } else {
            let interval = try Self.length("D", arguments) ?? LabDuration(milliseconds: 1000)
            let timeout = try Self.length("T", arguments) ?? interval
            if timeout > interval, let word = arguments["T"] {
                throw Fault(
                    .unfit(
                        "a check is given up before the next is sent, "
                            + "\(TimeText.duration(interval)) later",
                        advice: "timeout=\(TimeText.duration(interval)), or less"), at: word)
            }
            wish = .begin(
                FailureDetector.Terms(
                    interval: interval.duration,
                    misses: try arguments.optionalCount("N", Self.misses) ?? 3,
                    timeout: timeout.duration))
        }
    }

    /// A time that the monitor can keep.
    private static func length(
        _ name: String, _ arguments: BoundArguments
    ) throws(Fault) -> LabDuration? {
        guard let word = arguments[name] else { return nil }
        let length = try arguments.duration(name)
        guard length >= least, length <= greatest, length.nanoseconds % 1_000_000 == 0 else {
            throw Fault(
                .unfit(
                    "the monitor keeps times of whole milliseconds from "
                        + "\(TimeText.duration(least)) to \(TimeText.duration(greatest))",
                    advice: "monitor interval=1s misses=3"), at: word)
        }
        return length
    }
}

extension MonitorReport {
    fileprivate var beginning: String {
        let within = terms.timeout == terms.interval ? "" : " within \(terms.timeout.text)"
        return "the monitor checks \(node) every \(terms.interval.text); "
            + "\(CountText.of(terms.misses, "check")) without an answer\(within): "
            + "it is declared dead"
    }

    fileprivate func lines(at now: LabInstant) -> [String] {
        let ago = now.since(lastAnswer).text
        let state =
            if let deadSince {
                "\(node) is dead to the monitor since \(deadSince.text); "
                    + "its last answer was at \(lastAnswer.text)"
            } else if missed > 0 {
                "\(node) has missed \(missed) of \(CountText.of(terms.misses, "check")); its last "
                    + "answer was \(ago) ago"
            } else {
                "\(node) answers: last \(ago) ago, one check every \(terms.interval.text)"
            }
        return [state] + (isCut ? ["the monitor's link to \(node) is cut"] : []) + lag.map(\.line)
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "interval_ms": terms.interval.jsonMilliseconds,
            "misses": .int(terms.misses), "timeout_ms": terms.timeout.jsonMilliseconds,
            "missed": .int(missed), "last_answer": lastAnswer.json,
            "dead_since": deadSince?.json ?? .null, "link": .string(isCut ? "cut" : "whole"),
            "last_seen": .array(
                lag.map {
                    [
                        "replica": .string($0.replica),
                        "byte_lag": $0.byteCount.map { .int($0) } ?? .null,
                    ]
                }),
        ]
    }
}

extension MonitorReport.Lag {
    fileprivate var line: String {
        switch byteCount {
        case nil: "it last saw \(replica), which had not said how far it was"
        case 0: "it last saw \(replica) with all WAL"
        case let count?: "it last saw \(replica) \(CountText.bytes(count)) behind"
        }
    }
}
