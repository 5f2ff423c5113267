internal import CommandLanguage

/// What `bench stall` measured, and what is to be read from it.
struct StallFindings {
    static let roundCount = 15

    /// The contestants' names.
    enum Name {
        static let alone = "lab, 1 client"
        static let stalled = "lab, 1 client, a replica that does not read"
    }

    let standings: [Standing]
    let alone: Delays
    let stalled: Delays
    /// The stream when its connection was full, and at the end.
    let before: StalledReader.Sight
    let after: StalledReader.Sight
    /// How long the replica had not read by then.
    let lasted: Duration

    var reply: Reply {
        var table = BenchTable("stall")
        table.note(
            "durable commits of one row with a value of \(InsertStatement.valueByteCount) bytes; "
                + "nothing was read for \(lasted.seconds.rounded(places: 1)) s")
        table.add("commits", standings, unit: "commits")
        table.add([(Name.alone, alone), (Name.stalled, stalled)])
        table.add(comparisons)
        table.note(
            "WAL when the connection was full: \(Self.text(before)); at the end: "
                + Self.text(after))
        return table.reply
    }

    private var comparisons: [Comparison] {
        let added = stalled.percentile(99) - alone.percentile(99)
        return [
            Comparison(
                "p99 of a commit with such a replica - without, in ms", added.seconds * 1000,
                over: 1, target: .atMost(1)),
            Comparison(
                "WAL that the sender holds for it, in MiB", Double(after.held),
                over: Double(1 << 20), target: .atMost(1)),
        ]
    }

    private static func text(_ sight: StalledReader.Sight) -> String {
        "\(sight.sent.grouped) bytes sent, \(sight.held.grouped) of them still the sender's, "
            + "\(sight.unsent.grouped) left in the log"
    }
}
