internal import CommandLanguage

/// What `bench ship` measured, and what is to be read from it.
struct ShipFindings {
    static let roundCount = 5
    /// Bytes of a record's value.
    static let valueByteCount = 100

    /// The contestants' names.
    enum Name {
        static let copy = "bare copy over loopback"
        static let rows = "lab, rows durable and replayed on a replica"
        static let chapter = "the chapter's shipper, records applied"

        static func discarding(_ server: String) -> String { "\(server) -> a reader that discards" }
        static func archiving(_ server: String) -> String { "\(server) -> pg_receivewal --no-sync" }
    }

    let byteCount: Int
    let streams: [Standing]
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
        table.add("records", records, unit: "records")
        table.add(comparisons)
        if let excuse { table.note(excuse) }
        if !hasChapter { table.note("Without --chapter, the chapter's shipper is left out.") }
        return table.reply
    }

    private func rate(_ name: String) -> Double {
        (streams + records).first { $0.name == name }?.perSecond ?? 0
    }

    private var comparisons: [Comparison] {
        let lab = rate(Name.discarding("lab"))
        var comparisons = [
            Comparison(
                "to a reader, lab / bare copy", lab, over: rate(Name.copy), target: .atLeast(0.6))
        ]
        if excuse == nil {
            comparisons += [
                Comparison(
                    "to a reader, lab / PostgreSQL", lab, over: rate(Name.discarding("PostgreSQL")),
                    target: .atLeast(1.5)),
                Comparison(
                    "to pg_receivewal, lab / PostgreSQL", rate(Name.archiving("lab")),
                    over: rate(Name.archiving("PostgreSQL")), target: .atLeast(1)),
            ]
        }
        if hasChapter {
            comparisons.append(
                Comparison(
                    "records, lab / the chapter's shipper", rate(Name.rows),
                    over: rate(Name.chapter), target: .atLeast(10)))
        }
        return comparisons
    }
}
