import LabClock
import Replication
package import SQLServer
import Storage
package import WALFormat
import WireProtocol

/// A node's process as its SQL server sees it.
final class SQLNode: SQLHost {
    private unowned let process: NodeProcess

    init(_ process: NodeProcess) {
        self.process = process
    }

    // MARK: What it is

    var now: PostgresTime { LabTime.postgres(process.now) }
    var configuration: NodeConfiguration { process.configuration }

    var standing: NodeStanding {
        let database = process.database
        return NodeStanding(
            name: process.name, isInRecovery: process.isInRecovery, timeline: database.timeline,
            insertLSN: database.insertLSN, flushLSN: process.flushLSN,
            receivedLSN: process.standby?.receiver.flushLSN,
            lastCommitTime: database.lastCommitTime)
    }

    // MARK: Its views

    var walSenderStatistics: [WALSenderStatistics] { process.senders.compactMap(\.statistics) }
    var walReceiverStatistics: WALReceiverStatistics? { process.standby?.statistics }
    var slotStatistics: [SlotStatistics] { process.retention.forecast.slots.map(\.statistics) }

    // MARK: Its table

    var keyCount: Int { process.database.keyCount }
    var hasUnflushedCommits: Bool { process.database.hasUnflushedCommits }

    func value(of key: String, as reader: SQLReader) -> String? {
        guard let snapshot = snapshot(of: reader) else {
            return process.database.get(key, as: reader.xid)
        }
        return process.database.get(key, in: snapshot, as: reader.xid)
    }

    func rows(as reader: SQLReader) -> [(key: String, value: String)] {
        guard let snapshot = snapshot(of: reader) else {
            return process.database.rows(as: reader.xid)
        }
        return process.database.rows(in: snapshot, as: reader.xid)
    }

    func openSnapshot(for processID: Int) { process.openSnapshot(for: processID) }
    func closeSnapshot(of processID: Int) { process.closeSnapshot(of: processID) }

    func isChanged(_ key: String, behind reader: SQLReader) -> Bool {
        snapshot(of: reader).map {
            process.database.isChanged(key, since: $0, for: reader.xid)
        } ?? false
    }

    private func snapshot(of reader: SQLReader) -> Snapshot? {
        reader.session.flatMap { process.snapshots[$0]?.snapshot }
    }

    func isChangedByUnflushedCommit(_ key: String) -> Bool {
        process.database.isChangedByUnflushedCommit(key)
    }

    func hasRow(_ key: String, toChangeBy xid: TransactionID?) -> Bool {
        process.database.hasRow(key, toChangeBy: xid)
    }

    func keys(toChangeBy xid: TransactionID?) -> [String] {
        process.database.keys(toChangeBy: xid)
    }

    // MARK: Transactions

    func checkMayWrite(_ verb: String) throws(ServerError) { try process.checkMayWrite(verb) }
    func alter(_ change: ServerChange) throws(ServerError) { try process.alter(change) }
    func begin() -> TransactionID { process.database.begin() }

    func apply(_ change: TableChange, xid: TransactionID) throws(ServerError) {
        do throws(TableError) {
            switch change {
            case .put(let key, let value): try process.database.put(key, value, xid: xid)
            case .delete(let key): _ = try process.database.delete(key, xid: xid)
            }
        } catch {
            throw ServerError(error)
        }
    }

    func commit(_ xid: TransactionID) throws(ServerError) -> LSN {
        do throws(TableError) {
            return try process.database.commit(xid, at: now).end
        } catch {
            throw ServerError(error)
        }
    }

    func abort(_ xid: TransactionID) {
        guard !process.isInRecovery else { return }
        _ = try? process.database.abort(xid, at: now)
        process.log.flush()
    }

    // MARK: Log and slots

    func switchWAL() throws(ServerError) -> LSN { try process.switchWAL() }

    func createSlot(
        _ name: String, isTemporary: Bool, reservesWAL: Bool, for processID: Int
    ) throws(ServerError) -> LSN? {
        let request = SlotRequest.create(
            name: name, isTemporary: isTemporary, reservesWAL: reservesWAL)
        return try process.perform(request, forSession: processID)?.restartLSN
    }

    func dropSlot(_ name: String, for processID: Int) throws(ServerError) {
        _ = try process.perform(.drop(name: name, waits: false), forSession: processID)
    }
}

extension NodeProcess {
    /// What it is configured with, as its settings show it.
    var configuration: NodeConfiguration {
        settings.configuration(
            segmentSize: database.segmentSize, fullPageWrites: database.fullPageWrites,
            isInRecovery: isInRecovery, primarySlotName: standby?.receiver.slot)
    }
}

extension NodeSettings {
    /// These settings, with what a node knows of itself.
    package func configuration(
        segmentSize: SegmentSize, fullPageWrites: Bool, isInRecovery: Bool,
        primarySlotName: String?
    ) -> NodeConfiguration {
        NodeConfiguration(
            segmentSize: segmentSize, fullPageWrites: fullPageWrites,
            imageCompression: imageCompression, isInRecovery: isInRecovery,
            primarySlotName: primarySlotName,
            maximumSessionCount: room.sessions,
            hotStandbyFeedback: receiver.sendsFeedback, durations: { self[$0] },
            sizes: { self[$0] })
    }
}

extension ServerError {
    /// A refused change, as PostgreSQL says it.
    init(_ error: TableError) {
        switch error {
        case .conflict: self.init(code: .serializationFailure, message: error.description)
        case .rowTooLarge: self.init(code: .programLimitExceeded, message: error.description)
        case .zeroByte: self.init(code: .characterNotInRepertoire, message: error.description)
        case .readOnly: self.init(code: .readOnlySQLTransaction, message: error.description)
        case .noSuchTransaction: self.init(code: .internalError, message: error.description)
        }
    }
}
