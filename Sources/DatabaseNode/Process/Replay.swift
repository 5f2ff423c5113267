import Storage
import WALFormat

/// A standby's replay of its own log, record by record, by the same redo that crash recovery uses.
/// It is fed what is durable, and says where it has to stop. PostgreSQL: the startup process.
///
/// - Replay never passes what it was fed.
/// - It stops for good at what is no log: following on would only make it worse.
package struct Replay {
    /// Where it cannot go on, and why.
    struct Stop {
        let at: LSN
        let reason: String
    }

    /// Records handed to redo since the process started, repeats included.
    package private(set) var redoneRecords = 0
    /// Records handed to redo that had been replayed before; 0 by the protocol.
    package private(set) var repeatedRecords = 0
    private var reader: WALReader
    private var hasStopped = false

    /// A replay that goes on where the table is.
    init(on database: Database) {
        reader = WALReader(
            at: database.insertLSN, previous: database.lastRecordStart,
            segmentSize: database.segmentSize, systemIdentifier: database.systemIdentifier)
    }

    /// More of the log is durable.
    mutating func feed(_ bytes: [UInt8]) {
        reader.feed(bytes)
    }

    /// Replays every whole record that is there. Says, once, that it has to stop.
    mutating func run(on database: inout Database) -> Stop? {
        while !hasStopped {
            switch reader.next() {
            case .needsMoreBytes:
                return nil
            case .record(let record, let start, let end):
                do throws(RedoFailure) {
                    redoneRecords += 1
                    if start < database.insertLSN { repeatedRecords += 1 }
                    try database.redo(record, start: start, end: end)
                } catch {
                    return stop(at: start, error.description)
                }
            case .endOfLog(let lsn, let reason):
                return stop(at: lsn, "\(reason)")
            case .corrupt(let lsn, let stored, let computed):
                let stored = String(stored, radix: 16)
                let computed = String(computed, radix: 16)
                return stop(at: lsn, "checksum \(stored) stored, \(computed) computed")
            }
        }
        return nil
    }

    private mutating func stop(at lsn: LSN, _ reason: String) -> Stop {
        hasStopped = true
        return Stop(at: lsn, reason: reason)
    }
}
