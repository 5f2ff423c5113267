package import CommandLanguage
internal import Programs
internal import WALFormat

/// How fast a log is shipped: existing WAL to a reader that discards and to PostgreSQL's own
/// client, beside a bare copy and PostgreSQL's own sender; and records all the way to a replica.
///
/// All of it is read from the page cache, so that disks do not count.
package struct ShipBench {
    /// What is shipped, and where the bench works.
    package struct Plan: Sendable {
        /// Bytes of WAL, rounded up to whole segments.
        package var byteCount: Int
        /// Records sent all the way to a replica in one round.
        package var recordCount: Int
        /// The file with the chapter's text; nil leaves its shipper out.
        package var chapter: String?
        /// The folder to make the bench's own in; nil: below TMPDIR or /tmp.
        package var parent: String?

        /// A plan.
        package init(byteCount: Int, recordCount: Int, chapter: String?, parent: String?) {
            self.byteCount = byteCount
            self.recordCount = recordCount
            self.chapter = chapter
            self.parent = parent
        }
    }

    private let plan: Plan
    private let interruption: Interruption
    private let tell: (String) -> Void

    /// A bench; `tell` hears how it goes on, a line at a time.
    package init(
        _ plan: Plan, interruption: Interruption, tell: @escaping (String) -> Void
    ) {
        self.plan = plan
        self.interruption = interruption
        self.tell = tell
    }

    /// Runs it; what it made on disk is gone on return, and so are the programs it started.
    package func run() throws(BenchFailure) -> Reply {
        let directory = try BenchDirectory(in: plan.parent)
        defer { directory.remove() }
        let streams = try streams(directory)
        let pairs = try PairBench(
            plan: plan, directory: directory, interruption: interruption, tell: tell
        ).run()
        return ShipFindings(
            byteCount: plan.byteCount, streams: streams, delays: pairs.delays,
            records: pairs.records, excuse: pairs.excuse, hasChapter: plan.chapter != nil
        ).reply
    }
}

// Existing WAL.
extension ShipBench {
    private typealias Name = ShipFindings.Name

    private func streams(_ directory: BenchDirectory) throws(BenchFailure) -> [Standing] {
        // With the lab's segment size.
        let postgres = try PostgresServer.start(
            in: directory, segmentMebibytes: 1, interruption: interruption, tell: tell)
        defer { postgres.server?.stop() }
        return try measureStreams(directory, postgres.server)
    }

    private func measureStreams(
        _ directory: BenchDirectory, _ server: PostgresServer?
    ) throws(BenchFailure) -> [Standing] {
        tell("writing WAL")
        let folder = try directory.folder("lab")
        try LabServer(folder).close()
        let stretch = try LabLog.fill(folder, byteCount: plan.byteCount)
        let lab = try LabServer(folder)
        defer { lab.close() }
        let copy = LoopbackCopy(
            paths: stretch.fileNames.map { folder + "/p/pg_wal/" + $0 },
            byteCount: stretch.byteCount)
        var contestants = [Contestant(Name.copy) { _ throws(BenchFailure) in try copy.run() }]
        var sources = [Source(name: Name.lab, port: try lab.port(), stretch: stretch)]
        if let server { sources.append(try source(server)) }
        for source in sources { contestants += source.readers() }
        if let server {
            for source in sources {
                contestants.append(
                    source.archiver(server.programs, directory, interruption))
            }
        }
        return try Contest(
            roundCount: ShipFindings.roundCount, duration: .zero, interruption: interruption,
            tell: tell
        ).run(contestants)
    }

    /// A server whose existing WAL is shipped.
    private struct Source {
        let name: String
        let port: Int
        let stretch: WALStretch

        func readers() -> [Contestant] {
            let reader = DiscardingReader(port: port, user: PostgresServer.user, stretch: stretch)
            return [
                Contestant(Name.discarding(name)) { _ throws(BenchFailure) in try reader.run() }
            ]
        }

        func archiver(
            _ programs: PostgresPrograms, _ directory: BenchDirectory, _ interruption: Interruption
        ) -> Contestant {
            let archiver = ReceiveWAL(
                program: programs.path("pg_receivewal"), port: port, user: PostgresServer.user,
                stretch: stretch, directory: directory, interruption: interruption)
            return Contestant(Name.archiving(name)) { _ throws(BenchFailure) in
                try archiver.run()
            }
        }
    }

    /// PostgreSQL, after it has written as much WAL of the same kind.
    private func source(_ server: PostgresServer) throws(BenchFailure) -> Source {
        let client = try server.client()
        let before = try position(client)
        let count = (plan.byteCount + (2 << 20)) / 8_000
        try client.ask(
            "SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 8000))) "
                + "FROM generate_series(1, \(count))")
        let after = try position(client)
        try client.ask("SELECT pg_switch_wal()")
        guard
            let all = WALStretch(from: before, upTo: after, segmentSize: .oneMebibyte),
            let stretch = WALStretch(
                from: all.start, upTo: all.start.advanced(by: min(all.byteCount, plan.byteCount)),
                segmentSize: .oneMebibyte)
        else { throw .server("it wrote less than a segment of WAL") }
        return Source(name: Name.postgres, port: server.port, stretch: stretch)
    }

    private func position(_ client: QueryClient) throws(BenchFailure) -> LSN {
        let text = try client.value("SELECT pg_current_wal_insert_lsn()")
        guard let position = LSN(text) else { throw .server("\(text) is no position") }
        return position
    }
}
