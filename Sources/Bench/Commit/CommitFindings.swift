internal import CommandLanguage

/// What `bench commit` measured, and what is to be read from it.
struct CommitFindings {
    static let roundCount = 15

    /// The contestants' names.
    enum Name {
        static let bare = "bare pwrite + fdatasync"
        static let engine = "engine: table, log, disk thread"
        static let empty = "lab, 1 client, empty query"
        static let one = "lab, 1 client"
        static let sixteen = "lab, 16 clients"
        static let sixtyFour = "lab, 64 clients"
        static let load = "lab, load at one instant"

        static func pgbench(_ server: String, _ count: Int) -> String {
            "\(server), pgbench -c \(count)"
        }
    }

    let standings: [Standing]
    /// Bytes of WAL of one measured commit, on average.
    let walByteCount: Double
    let flushes: FlushCount
    let ours: UpdateVolume
    /// Nil when PostgreSQL could not be asked.
    let postgres: UpdateVolume?
    /// Why it could not, in one line.
    let excuse: String?

    var reply: Reply {
        var table = BenchTable("commit")
        table.note(
            "durable commits of one row with a value of \(InsertStatement.valueByteCount) bytes, "
                + "\(Int(walByteCount.rounded())) bytes of WAL each; medians of "
                + "\(Self.roundCount) rounds")
        table.add("commits", standings, unit: "commits")
        table.add(speeds + volumes)
        for name in [Name.one, Name.sixteen, Name.sixtyFour, Name.load] {
            guard let count = flushes.perCommit(name) else { continue }
            table.note("\(name): \(count.rounded(places: 3)) flushes of the disk a commit")
        }
        table.note(volumeNote)
        if let excuse { table.note(excuse) }
        return table.reply
    }

    private func rate(_ name: String) -> Double {
        standings.first { $0.name == name }?.perSecond ?? 0
    }

    /// The ratios of times are those of the rates, upside down.
    private var speeds: [Comparison] {
        var comparisons = [
            Comparison(
                "time of a commit, lab with 1 client / bare", rate(Name.bare),
                over: rate(Name.one), target: .atMost(1.3)),
            Comparison(
                "time of a commit, engine / bare", rate(Name.bare), over: rate(Name.engine),
                target: .atMost(1.3)),
            Comparison(
                "rate, lab with 16 clients / 1", rate(Name.sixteen), over: rate(Name.one)),
            Comparison(
                "rate, lab with 64 clients / 1", rate(Name.sixtyFour), over: rate(Name.one),
                target: .atLeast(8)),
            Comparison(
                "rate, lab's load / bare", rate(Name.load), over: rate(Name.bare),
                target: .atLeast(1)),
        ]
        for count in [1, 16] where postgres != nil {
            comparisons.append(
                Comparison(
                    "rate, lab / PostgreSQL, pgbench -c \(count)",
                    rate(Name.pgbench("lab", count)), over: rate(Name.pgbench("PostgreSQL", count)))
            )
        }
        return comparisons
    }

    private var volumes: [Comparison] {
        let theirs = postgres ?? .ofPostgres
        return [
            Comparison(
                "WAL of an update, lab / PostgreSQL", Double(ours.later),
                over: Double(theirs.later), target: .atMost(1.3)),
            Comparison(
                "WAL of a page's first update, lab / PostgreSQL", Double(ours.firstTouch),
                over: Double(theirs.firstTouch), target: .atMost(1.3)),
        ]
    }

    private var volumeNote: String {
        let theirs = postgres ?? .ofPostgres
        let source = postgres == nil ? "PostgreSQL's figures, measured elsewhere" : "PostgreSQL"
        return "WAL of an update of a 100-byte value: lab \(ours.later) bytes, \(source) "
            + "\(theirs.later); with the page's image: \(ours.firstTouch.grouped) and "
            + "\(theirs.firstTouch.grouped)"
    }
}
