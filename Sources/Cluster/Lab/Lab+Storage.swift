package import DatabaseNode
import LabClock
import Network
import SQLServer
package import Storage
package import WALFormat
import WireProtocol

/// Damage to the files of a node that is down.
package enum Damage: Hashable, Sendable {
    /// The last record of its log is there in part, as after a power loss in the middle of writing.
    case tornTail
    /// One bit of the log is flipped, in the byte at this position.
    case walBit(at: LSN)
    /// One bit of a page of the table is flipped, at this offset on it.
    case pageBit(block: Int, offset: Int)
}

/// What was damaged.
package struct DamageReport: Hashable, Sendable {
    package let node: String
    /// The file, inside the data directory.
    package let file: String
    /// The first damaged byte in it.
    package let offset: Int
    /// Bytes of the last record that are gone; 0 for a flipped bit.
    package let bytesGone: Int
}

// What can be done to a node's disk, and with it.
extension Lab {
    /// Writes what is only in memory to the node's files, so that recovery begins here. A standby
    /// takes a restartpoint. PostgreSQL: `CHECKPOINT`.
    package func checkpoint(_ node: String) throws(LabFailure) -> CheckpointReport {
        let pending = Pending<Result<CheckpointReport, DiskFailure>>()
        try onLoop { cluster throws(LabFailure) in
            try cluster.process(of: node).checkpointer.request { pending.value = $0 }
        }
        let end = run { _ in pending.value != nil }
        settle()
        switch onLoop({ _ in pending.value }) {
        case .success(let report): return report
        case .failure(let failure): throw .disk(node: node, failure)
        case nil:
            throw end == .interrupted
                ? .interrupted : .tookTooLong(what: "\(node)'s checkpoint", bound: Self.patience)
        }
    }

    /// Prunes versions of rows that nobody can see any more. PostgreSQL: `VACUUM`.
    package func vacuum(_ node: String) throws(LabFailure) -> VacuumResult {
        let report = try onLoop { cluster throws(LabFailure) in
            let process = try cluster.process(of: node)
            do throws(ServerError) {
                return try process.vacuum()
            } catch {
                throw process.isInRecovery ? .isReplica(node) : .server(node: node, error)
            }
        }
        settle()
        return report
    }

    /// Turns full-page images of the primary's log on or off.
    package func setFullPageWrites(_ isOn: Bool) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let name = cluster.primary.name
            let process = try cluster.process(of: name)
            do throws(ServerError) {
                try process.setFullPageWrites(isOn)
            } catch {
                throw process.isInRecovery ? .isReplica(name) : .server(node: name, error)
            }
        }
        settle()
    }

    /// Changes what images of whole pages are compressed with, in the log of every node that
    /// writes one, from now on.
    package func setImageCompression(_ method: ImageCompression?) {
        onLoop { cluster in cluster.settings.imageCompression = method }
        settle()
    }

    /// Makes a node's disk fail, or stop failing.
    package func setDiskFault(_ fault: DiskFault, on node: String) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard let process = known.process else { throw .isDown(node, known.state) }
            process.setDiskFault(fault)
        }
        settle()
    }

    /// Damages the files of a node that is down.
    package func damage(_ node: String, _ damage: Damage) throws(LabFailure) -> DamageReport {
        try onLoop { cluster throws(LabFailure) in
            guard try cluster.node(node).process == nil else { throw .isUp(node) }
            cluster.hasDamagedFiles = true
        }
        let fileSystem = try fileSystem(of: node)
        switch damage {
        case .tornTail: return try tear(node, fileSystem)
        case .walBit(let lsn): return try flip(node, fileSystem, try segment(of: lsn, on: node))
        case .pageBit(let block, let offset):
            let place = ("base/5/16384", block * 8192 + offset)
            return try flip(node, fileSystem, place)
        }
    }

    private func tear(
        _ node: String, _ fileSystem: any FileSystem
    ) throws(LabFailure) -> DamageReport {
        do throws(OpenFailure) {
            guard let torn = try fileSystem.tearLastRecord() else {
                throw .noCheckpoint(at: .invalid)
            }
            return DamageReport(
                node: node, file: "pg_wal/\(torn.fileName)", offset: torn.fileOffset,
                bytesGone: torn.byteCount - torn.keptByteCount)
        } catch {
            throw .cannotOpen(node: node, error)
        }
    }

    private func flip(
        _ node: String, _ fileSystem: any FileSystem, _ place: (file: String, offset: Int)
    ) throws(LabFailure) -> DamageReport {
        do throws(IOFailure) {
            try fileSystem.flipBit(of: place.file, at: place.offset, bit: 0)
        } catch {
            throw .directory(path: place.file, reason: error.description)
        }
        return DamageReport(node: node, file: place.file, offset: place.offset, bytesGone: 0)
    }

    /// The segment file that holds a position of a node's log.
    private func segment(
        of lsn: LSN, on node: String
    ) throws(LabFailure) -> (file: String, offset: Int) {
        let fileSystem = try fileSystem(of: node)
        do throws(OpenFailure) {
            if let place = try fileSystem.placeInLog(of: lsn) { return place }
        } catch {
            throw .cannotOpen(node: node, error)
        }
        throw .noSuchPosition(node: node, lsn)
    }
}

// Looking inside.
extension Lab {
    /// A page of a node's table: as it is in memory, or, of a node that is down, as its file has
    /// it.
    package func page(_ block: Int, of node: String) throws(LabFailure) -> PageView {
        let number = UInt32(exactly: block) ?? .max
        let live = try onLoop { cluster throws(LabFailure) in
            try cluster.node(node).process.map {
                ($0.database.pageView(number), $0.database.pages.count)
            }
        }
        if let (view, count) = live {
            guard let view else { throw .noSuchPage(node: node, block: block, count: count) }
            return view
        }
        let fileSystem = try fileSystem(of: node)
        do throws(OpenFailure) {
            if let found = try PageView.onDisk(number, of: fileSystem) { return found.view }
        } catch {
            throw .cannotOpen(node: node, error)
        }
        throw .noSuchPage(node: node, block: block, count: nil)
    }

    /// The keys that two nodes' readers do not find the same.
    package func diffKeys(
        _ first: String, _ second: String
    ) throws(LabFailure) -> KeyComparison {
        try onLoop { cluster throws(LabFailure) in
            let left = try cluster.process(of: first).database.rows(as: nil)
            let right = try cluster.process(of: second).database.rows(as: nil)
            return KeyComparison(left, right)
        }
    }

    /// Two nodes' directories held against each other at the last position that both have.
    package func diff(
        _ first: String, _ second: String
    ) throws(LabFailure) -> DirectoryComparison {
        let left = try fileSystem(of: first)
        let right = try fileSystem(of: second)
        do throws(ComparisonFailure) {
            return try DirectoryComparison(left, right)
        } catch {
            throw .cannotOpen(node: error.isLeft ? first : second, error.reason)
        }
    }
}
