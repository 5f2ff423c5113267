internal import TableFormat
internal import WALFormat

/// A data directory as its files alone have it: no lock, no running node, nothing written.
///
/// - The log is read from the oldest segment on, so that a table can be rebuilt as it was before
///   the last checkpoint too.
struct DirectoryAtRest: Sendable {
    let fileSystem: any FileSystem
    let control: ControlData
    let log: WALOnDisk
    let lineage: Lineage
    /// Where the oldest segment read begins.
    let oldest: LSN

    init(_ fileSystem: any FileSystem) throws(OpenFailure) {
        self.fileSystem = fileSystem
        control = try ControlData(reading: fileSystem)
        log = try WALOnDisk(fileSystem)
        let directory = WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
        do {
            lineage = try directory.lineage(of: log.timeline)
        } catch {
            throw OpenFailure(error, at: control.checkpoint)
        }
        let first = log.records.first?.start ?? log.end
        oldest = control.segmentSize.start(of: control.segmentSize.number(containing: first))
    }

    /// The position where both logs part; nil when one is the beginning of the other, whatever
    /// timelines their nodes have heard of.
    func divergence(from other: DirectoryAtRest) -> LSN? {
        extent.parting(from: other.extent) == nil ? nil : extent.sharedEnd(with: other.extent)
    }

    private var extent: LogExtent { LogExtent(lineage, end: log.end) }

    /// The position behind which the two lineages have nothing in common; nil when one is the
    /// beginning of the other.
    func lastShared(with other: DirectoryAtRest) -> LSN? {
        let (mine, theirs) = (
            LogExtent(lineage, end: LSN(.max)), LogExtent(other.lineage, end: LSN(.max))
        )
        let shared = mine.sharedEnd(with: theirs)
        return shared == mine.end ? nil : shared
    }

    /// Whether the files say how things were at a position: the log reaches back to it, or ends
    /// there.
    func reaches(backTo position: LSN) -> Bool { begin <= position || log.end <= position }

    /// The first byte of the log that is still there.
    var begin: LSN { log.records.first?.start ?? log.end }

    /// The table and the commit log as they were when the log ended at `position`.
    ///
    /// It is what recovery would make of the files: their pages, and redo from the redo point. When
    /// the files are newer than the position, redo of the log from its oldest record puts each page
    /// that has an image there back to that image, and then forward to the position; a page that
    /// has none keeps the file's state and says by its LSN that it is newer. Transactions that
    /// ended behind the position are taken back in the commit log.
    func table(at position: LSN) throws(OpenFailure) -> Database {
        if control.redo <= position {
            let database = try table(at: position, redoFrom: control.redo)
            if database.pages.allSatisfy({ $0.lsn <= position }) { return database }
        }
        return try table(at: position, redoFrom: oldest)
    }

    private func table(
        at position: LSN, redoFrom start: LSN
    ) throws(OpenFailure) -> Database {
        guard let entry = log.records.first(where: { $0.start == control.checkpoint }),
            case .checkpoint(let content, _) = entry.record.body
        else { throw .noCheckpoint(at: control.checkpoint) }
        var database = Database(
            control, checkpoint: content, table: try TableFiles.table(fileSystem),
            commitLog: try TableFiles.commitLog(fileSystem))
        for entry in log.records {
            guard entry.end <= position else {
                takeBack(entry.record, in: &database.transactions.log)
                continue
            }
            guard entry.start >= start else { continue }
            do {
                try database.redo(entry.record, start: entry.start, end: entry.end)
            } catch {
                throw .unreplayable(error)
            }
        }
        if let damage = database.damage.found.values.min(by: { $0.block < $1.block }) {
            throw .damagedFile(path: DirectoryLayout.relation, reason: damage.description)
        }
        return database
    }

    private func takeBack(_ record: WALRecord, in commitLog: inout CommitLog) {
        switch record.body {
        case .commit, .abort: commitLog.set(.inProgress, of: record.xid)
        case .checkpoint, .endOfRecovery, .switchSegment, .noop, .generic, .logicalMessage, .other:
            break
        }
    }

    /// The segment file that holds a position, from the root, and the position's place in it.
    func place(of position: LSN) -> (file: String, offset: Int) {
        let size = control.segmentSize
        let name = SegmentName(
            timeline: lineage.timeline(at: position), number: size.number(containing: position))
        return (WALDirectory.path + "/" + name.fileName(size), size.offset(of: position))
    }

    /// The log's bytes between two positions of one segment; fewer when the file is gone or short.
    func bytes(from start: LSN, upTo end: LSN) throws(OpenFailure) -> [UInt8] {
        let size = control.segmentSize
        let directory = WALDirectory(fileSystem: fileSystem, segmentSize: size)
        do {
            let number = size.number(containing: start)
            guard let (_, file) = try directory.open(number, of: lineage) else { return [] }
            return try asking { () throws(IOFailure) in
                try file.read(at: size.offset(of: start), count: end - start)
            }
        } catch {
            throw OpenFailure(error, at: start)
        }
    }
}
