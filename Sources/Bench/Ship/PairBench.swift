/// The part of `bench ship` with a replica in it: how soon a row is seen there, and how many rows a
/// second are replayed, beside PostgreSQL with a standby and the chapter's shipper.
struct PairBench {
    private typealias Name = ShipFindings.Name

    /// What it found.
    struct Findings {
        let delays: [Standing]
        let records: [Standing]
        /// Why PostgreSQL was left out.
        let excuse: String?
    }

    let plan: ShipBench.Plan
    let directory: BenchDirectory
    let interruption: Interruption
    let tell: (String) -> Void

    func run() throws(BenchFailure) -> Findings {
        let postgres = try PostgresServer.start(
            in: directory, interruption: interruption, tell: tell)
        defer { postgres.server?.stop() }
        try postgres.server.map(ReplicatedPair.makeTables)
        let standby = try postgres.server.map { server throws(BenchFailure) in
            tell("starting PostgreSQL's standby")
            return try server.standby(in: directory)
        }
        defer { standby?.stop() }
        let lab = try LabServer(try directory.folder("pair"), replicas: 1)
        defer { lab.close() }
        lab.keepAllWAL()
        var pairs = [(name: Name.lab, pair: try ReplicatedPair(lab))]
        if let server = postgres.server, let standby {
            for (name, table) in [
                (Name.postgres, ReplicatedPair.bareTable),
                (Name.keyedPostgres, ReplicatedPair.keyedTable),
            ] { pairs.append((name, try ReplicatedPair(server, standby, table: table))) }
        }
        // First what is to be idle, and with an index everywhere.
        let delays = try contest.run(
            pairs.filter { $0.pair.table == ReplicatedPair.keyedTable }.map(visibility))
        let records = try contest.run(try pairs.map(rows) + chapter())
        return Findings(delays: delays, records: records, excuse: postgres.excuse)
    }

    private var contest: Contest {
        Contest(
            roundCount: ShipFindings.roundCount, duration: .zero, interruption: interruption,
            tell: tell)
    }

    private func visibility(_ name: String, _ pair: ReplicatedPair) -> Contestant {
        let visibility = RowVisibility(pair, interruption: interruption)
        return Contestant(Name.seen(name)) { _ throws(BenchFailure) in try visibility.run() }
    }

    private func rows(_ name: String, _ pair: ReplicatedPair) -> Contestant {
        let rows = RowShipping(
            pair, valueByteCount: ShipFindings.valueByteCount, interruption: interruption)
        let count = plan.recordCount
        return Contestant(Name.rows(name)) { _ throws(BenchFailure) in try rows.run(count) }
    }

    /// One, or none without the chapter's text.
    private func chapter() throws(BenchFailure) -> [Contestant] {
        guard let chapter = plan.chapter else { return [] }
        let count = plan.recordCount
        let shipper = try ChapterShipper(
            chapter, valueByteCount: ShipFindings.valueByteCount, directory: directory,
            interruption: interruption)
        return [Contestant(Name.chapter) { _ throws(BenchFailure) in try shipper.run(count) }]
    }
}
