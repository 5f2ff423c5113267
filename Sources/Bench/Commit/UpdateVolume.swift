internal import Storage
internal import WALFormat

/// The WAL that one update of a 100-byte value writes, in bytes; measured alike on both engines:
/// the insert position before and after, on a page that holds forty such rows.
struct UpdateVolume: Hashable, Sendable {
    /// The first update of a page after a checkpoint, which carries the page's image.
    let firstTouch: Int
    /// A later one; the median of several.
    let later: Int

    /// PostgreSQL 15's figures where it cannot be asked.
    static let ofPostgres = UpdateVolume(firstTouch: 5_896, later: 208)

    private static let rowCount = 40
    private static let laterCount = 9
    private static let time = PostgresTime(microseconds: 0)

    private static func value(_ letter: Character) -> String {
        String(repeating: letter, count: 100)
    }

    private init(firstTouch: Int, later: Int) {
        self.firstTouch = firstTouch
        self.later = later
    }

    private init(_ measured: [Int]) {
        let later = measured.dropFirst().map(Double.init).median ?? 0
        self.init(firstTouch: measured.first ?? 0, later: Int(later))
    }

    /// Of the lab's engine, in a folder of the bench's.
    static func ofEngine(_ directory: BenchDirectory) throws(BenchFailure) -> UpdateVolume {
        do {
            let files = try RealFileSystem(opening: try directory.folder("volume"))
            try Initialization.create(
                on: files, Initialization.Parameters(systemIdentifier: 1, time: time))
            let opened = try DataDirectory.open(files)
            var database = try Recovery.run(opened, at: time).database
            for row in 0..<rowCount { try put(row, "a", in: &database) }
            _ = database.checkpoint(at: time)
            var measured: [Int] = []
            for row in 0...laterCount {
                let before = database.insertLSN
                try put(row, "b", in: &database)
                measured.append(database.insertLSN - before)
            }
            return UpdateVolume(measured)
        } catch {
            throw .lab("the engine's data directory: \(error)")
        }
    }

    private static func put(
        _ row: Int, _ letter: Character, in database: inout Database
    ) throws(TableError) {
        let xid = database.begin()
        try database.put("k\(row)", value(letter), xid: xid)
        _ = try database.commit(xid, at: time)
    }

    /// Of a PostgreSQL that nobody else writes to.
    static func ofPostgres(_ client: QueryClient) throws(BenchFailure) -> UpdateVolume {
        try client.ask("CREATE TABLE volume(key text PRIMARY KEY, value text)")
        for row in 0..<rowCount {
            try client.ask("INSERT INTO volume VALUES ('k\(row)', '\(value("a"))')")
        }
        try client.ask("CHECKPOINT")
        var measured: [Int] = []
        for row in 0...laterCount {
            let before = try position(client)
            try client.ask("UPDATE volume SET value = '\(value("b"))' WHERE key = 'k\(row)'")
            measured.append(try position(client) - before)
        }
        return UpdateVolume(measured)
    }

    private static func position(_ client: QueryClient) throws(BenchFailure) -> LSN {
        let text = try client.value("SELECT pg_current_wal_insert_lsn()")
        guard let position = LSN(text) else { throw .server("\(text) is no position") }
        return position
    }
}
