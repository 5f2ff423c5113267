import DatabaseNode
import Storage
import WALFormat

// Nodes' files, read as they lie there.
extension Lab {
    /// Reads one key from the files of a node that is down, as recovery would make a table of them.
    /// Nothing is written.
    package func readDisk(_ key: String, of node: String) throws(LabFailure) -> ReadReport {
        try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard known.process == nil else { throw .isUp(node) }
            if let seeding = known.seeding {
                throw .isSeeding(node, source: seeding.place.source)
            }
        }
        let found = try rehearsal(of: node)
        return ReadReport(node: node, value: found.database.get(key), lsn: found.report.end)
    }

    /// What recovery would make of a node's files.
    func rehearsal(of node: String) throws(LabFailure) -> Recovered {
        let fileSystem = try fileSystem(of: node)
        do throws(OpenFailure) {
            return try Recovery.rehearsal(of: fileSystem)
        } catch {
            throw .cannotOpen(node: node, error)
        }
    }

    /// The records of a node's own log, oldest first, up or down.
    package func records(of node: String) throws(LabFailure) -> [WALLine] {
        let log = try log(of: node)
        let transactions = Dictionary(
            log.transactions().map { ($0.commitStart, $0) }, uniquingKeysWith: { $1 })
        return log.records.map {
            WALLine(
                start: $0.start, end: $0.end, record: $0.record, timeline: $0.timeline,
                transaction: transactions[$0.start])
        }
    }

    func log(of node: String) throws(LabFailure) -> WALOnDisk {
        let fileSystem = try fileSystem(of: node)
        do throws(OpenFailure) {
            return try WALOnDisk(fileSystem)
        } catch {
            throw .cannotOpen(node: node, error)
        }
    }
}
