import Replication
package import Storage
package import WALFormat

/// A data directory that was opened and whose log was recovered: all of it blocking work, done
/// before the loop is asked.
package struct OpenedDirectory: Sendable {
    let faults: FaultyFileSystem
    let worker: DiskWorker
    package let recovered: Recovered
    let history: TimelineHistory
    let slots: SlotTable
    /// The number of the oldest segment of the log.
    let oldestSegment: UInt64
    /// That of the newest there is, which the log may not have come to.
    let newestSegment: UInt64

    /// Opens and recovers a node's files, at a lab time.
    package init(_ storage: NodeStorage, at time: PostgresTime) throws(OpenFailure) {
        faults = FaultyFileSystem(storage.fileSystem)
        let directory = try DataDirectory.open(faults, removedCommits: storage.removedCommits)
        slots = try SlotTable(restoringFrom: directory)
        recovered = try Recovery.run(directory, at: time)
        let size = recovered.database.segmentSize
        if case .oldestWAL(let start?, let newest) = directory.perform(.findOldestWAL) {
            oldestSegment = size.number(containing: start)
            newestSegment = newest
        } else {
            oldestSegment = size.number(containing: recovered.database.redo)
            newestSegment = 0
        }
        history = try directory.history(of: recovered.report.timeline)
        do throws(ThreadFailure) {
            worker = storage.isInstant ? .loop(directory) : .thread(try DiskThread(directory))
        } catch {
            throw .noThread(error)
        }
    }
}
