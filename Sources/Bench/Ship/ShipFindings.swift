internal import CommandLanguage

/// What `bench ship` measured, and what is to be read from it.
struct ShipFindings {
    static let roundCount = 5
    /// Bytes of a record's value.
    static let valueByteCount = 100

    /// The contestants' names.
    enum Name {
        static let copy = "bare copy over loopback"
        static let lab = "lab"
        static let postgres = "PostgreSQL"
        static let keyedPostgres = "PostgreSQL with a primary key"
        static let chapter = "the chapter's shipper, records applied"

        static func discarding(_ server: String) -> String { "\(server) -> a reader that discards" }
        static func rows(_ server: String) -> String {
            "\(server), rows durable and replayed on a replica"
        }
        static func seen(_ server: String) -> String { "\(server), confirmed -> seen on a replica" }
        static func archiving(_ server: String) -> String { "\(server) -> pg_receivewal --no-sync" }
    }

    let byteCount: Int
    let streams: [Standing]
    /// Medians of single rows on an idle link.
    let delays: [Standing]
    let records: [Standing]
    /// Why PostgreSQL was left out, in one line; nil when it was not.
    let excuse: String?
    let hasChapter: Bool

    var reply: Reply {
        var table = BenchTable("ship")
        table.note(
            "\((byteCount >> 20).grouped) MiB of existing WAL, segments of 1 MB; records with "
                + "values of \(Self.valueByteCount) bytes; medians of \(Self.roundCount) rounds")
        table.add("streams", streams, unit: "MB", scale: 1_000_000)
        table.add("delays", delays, unit: "rows")
        table.add("records", records, unit: "records")
        table.add(comparisons)
        if let excuse { table.note(excuse) }
        if !hasChapter { table.note("Without --chapter, the chapter's shipper is left out.") }
        return table.reply
    }

    private func rate(_ name: String) -> Double {
        (streams + delays + records).first { $0.name == name }?.perSecond ?? 0
    }

    private var comparisons: [Comparison] {
        let lab = rate(Name.discarding(Name.lab))
        var comparisons = [
            Comparison(
                "to a reader, lab / bare copy", lab, over: rate(Name.copy), target: .atLeast(0.6))
        ]
        if excuse == nil {
            comparisons += [
                Comparison(
                    "to a reader, lab / PostgreSQL", lab,
                    over: rate(Name.discarding(Name.postgres)), target: .atLeast(1.5)),
                Comparison(
                    "to pg_receivewal, lab / PostgreSQL", rate(Name.archiving(Name.lab)),
                    over: rate(Name.archiving(Name.postgres)), target: .atLeast(1)),
            ]
            comparisons += pairs
        }
        if hasChapter {
            comparisons.append(
                Comparison(
                    "records, lab / the chapter's shipper", rate(Name.rows(Name.lab)),
                    over: rate(Name.chapter), target: .atLeast(10)))
        }
        return comparisons
    }

    /// The ratio of the delays is that of the rates, upside down.
    private var pairs: [Comparison] {
        let rows = rate(Name.rows(Name.lab))
        return [
            Comparison(
                "confirmed -> seen, median, lab / PostgreSQL", rate(Name.seen(Name.keyedPostgres)),
                over: rate(Name.seen(Name.lab)), target: .atMost(1)),
            Comparison(
                "rows to a replica, lab / PostgreSQL", rows, over: rate(Name.rows(Name.postgres)),
                target: .atLeast(2)),
            Comparison(
                "rows to a replica, lab / PostgreSQL with a primary key", rows,
                over: rate(Name.rows(Name.keyedPostgres))),
        ]
    }
}
