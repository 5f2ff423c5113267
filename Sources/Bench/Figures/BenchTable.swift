internal import CommandLanguage
internal import JSON

/// What a bench found, as lines for people and one JSON object for programs.
struct BenchTable {
    private let bench: String
    private var lines: [String] = []
    private var members: [JSONMember]

    /// `bench` is the word that the bench was asked for by.
    init(_ bench: String) {
        self.bench = bench
        members = [JSONMember("bench", .string(bench))]
    }

    /// A line of text, a note to what follows or went before.
    mutating func note(_ text: String) {
        lines.append(text)
        notes.append(.string(text))
    }

    private var notes: [JSONValue] = []

    /// The contestants, what they did in the median round, and their slowest and fastest.
    /// `name`: the JSON member's. `unit`: what is counted, by the second; `scale`: how many of
    /// those make one of the table's.
    mutating func add(
        _ name: String, _ standings: [Standing], unit: String, scale: Double = 1
    ) {
        var table = TextTable([
            .text(""), .number("\(unit)/s"), .number("us each"), .number("slowest"),
            .number("fastest"),
        ])
        for standing in standings {
            table.append([
                standing.name, Self.rate(standing.perSecond / scale),
                scale == 1 ? standing.microsecondsEach.rounded(places: 1) : "",
                Self.rate(standing.lowest / scale), Self.rate(standing.highest / scale),
            ])
        }
        lines += table.lines + [""]
        members.append(
            JSONMember(name, .array(standings.map { $0.json(unit: unit, scale: scale) })))
    }

    /// How long single pieces of work took.
    mutating func add(_ delays: [(name: String, delays: Delays)]) {
        var table = TextTable([.text(""), .number("p50 ms"), .number("p99 ms")])
        let percentiles = delays.map { entry in
            [50, 99].map { entry.delays.percentile($0).seconds * 1000 }
        }
        for (entry, figures) in zip(delays, percentiles) {
            table.append([entry.name] + figures.map { $0.rounded(places: 3) })
        }
        lines += table.lines + [""]
        members.append(
            JSONMember(
                "delays",
                .array(
                    zip(delays, percentiles).map { entry, figures in
                        [
                            "name": .string(entry.name), "p50_ms": figures[0].json(places: 3),
                            "p99_ms": figures[1].json(places: 3),
                        ]
                    })))
    }

    /// The ratios, their targets, and whether they are met.
    mutating func add(_ comparisons: [Comparison]) {
        var table = TextTable([.text("ratio"), .number("is"), .text("should be"), .text("")])
        for comparison in comparisons {
            table.append([
                comparison.name, comparison.ratio?.rounded(places: 2) ?? "-",
                comparison.target?.description ?? "",
                comparison.isMet.map { $0 ? "met" : "MISSED" } ?? "",
            ])
        }
        lines += table.lines
        members.append(JSONMember("ratios", .array(comparisons.map(\.json))))
    }

    /// Both forms.
    var reply: Reply {
        Reply(lines: lines, json: [.object(members + [JSONMember("notes", .array(notes))])])
    }

    private static func rate(_ value: Double) -> String {
        value < 100 ? value.rounded(places: 2) : Int(value.rounded()).grouped
    }
}

extension Standing {
    fileprivate func json(unit: String, scale: Double) -> JSONValue {
        [
            "name": .string(name), "unit": .string(unit),
            "per_second": (perSecond / scale).json(places: 3),
            "slowest": (lowest / scale).json(places: 3),
            "fastest": (highest / scale).json(places: 3),
        ]
    }
}

extension Comparison {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "ratio": ratio.map { $0.json(places: 3) } ?? .null,
            "target": .optional(target?.description), "met": isMet.map { .bool($0) } ?? .null,
        ]
    }
}
