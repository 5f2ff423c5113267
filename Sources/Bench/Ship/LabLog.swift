internal import Storage
internal import WALFormat

/// Fills the log of a lab's primary while the lab is down: records of 8000 bytes that change no
/// table, so that the lab's memory stays small.
struct LabLog {
    private static let time = PostgresTime(microseconds: 0)
    private static let recordByteCount = 8_000

    /// Adds at least `byteCount` bytes to the log below a stopped lab's folder.
    static func fill(_ folder: String, byteCount: Int) throws(BenchFailure) -> WALStretch {
        do {
            let opened = try DataDirectory.open(path: folder + "/p")
            var database = try Recovery.run(opened, at: time).database
            let start = database.insertLSN
            let size = database.segmentSize
            let end = start.advanced(by: byteCount + 2 * size.byteCount)
            while database.insertLSN < end { try write(&database, to: opened) }
            let plan = database.shutdown(at: time)
            try append(&database, to: opened)
            try require(.checkpoint(plan), of: opened)
            guard let stretch = WALStretch(from: start, upTo: end, segmentSize: size) else {
                throw BenchFailure.lab("\(byteCount) bytes of WAL make no whole segment")
            }
            return stretch
        } catch let failure as BenchFailure {
            throw failure
        } catch {
            throw .lab("the lab's log: \(error)")
        }
    }

    /// One mebibyte of records.
    private static func write(
        _ database: inout Database, to directory: DataDirectory
    ) throws {
        let content = [UInt8](repeating: UInt8(ascii: "x"), count: recordByteCount)
        let message = RecordBody.logicalMessage(
            transactional: false, prefix: "bench", content: content)
        for _ in 0..<(1 << 20) / recordByteCount { _ = try database.insert(message) }
        try append(&database, to: directory)
    }

    private static func append(
        _ database: inout Database, to directory: DataDirectory
    ) throws(BenchFailure) {
        guard let wal = database.takeWAL() else { return }
        try require(.appendWAL(database.timeline, at: wal.at, bytes: wal.bytes), of: directory)
    }

    private static func require(
        _ job: DiskJob, of directory: DataDirectory
    ) throws(BenchFailure) {
        if case .failed(let failure) = directory.perform(job) { throw .lab(failure.description) }
    }
}
