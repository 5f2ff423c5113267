public import WALFormat

/// Makes data directories: a new cluster's, and copies of a stopped one for replicas.
///
/// It is not initdb: there are no catalogs, and no PostgreSQL starts from what it makes. Its WAL,
/// heap and commit log are PostgreSQL's.
public enum Initialization {
    /// What a new cluster is made from. The same values give the same bytes.
    public struct Parameters: Hashable, Sendable {
        /// The cluster's number, equal on all its nodes.
        public var systemIdentifier: UInt64
        /// The size of a WAL segment.
        public var segmentSize: SegmentSize
        /// When the first checkpoint was taken.
        public var time: PostgresTime

        /// A new cluster's parameters; PostgreSQL itself uses 16 MB segments.
        public init(
            systemIdentifier: UInt64, segmentSize: SegmentSize = .oneMebibyte, time: PostgresTime
        ) {
            self.systemIdentifier = systemIdentifier
            self.segmentSize = segmentSize
            self.time = time
        }
    }

    /// Fills an empty directory. The log begins in segment 1 with a CHECKPOINT_SHUTDOWN at
    /// 0/1000028 (with 1 MB segments at 0/100028), and the control data say "shut down". Everything
    /// is durable on return, the control data last: a directory half made is not one of ours.
    public static func create(
        on fileSystem: any FileSystem, _ parameters: Parameters
    ) throws(OpenFailure) {
        let begin = parameters.segmentSize.start(of: 1)
        var log = WALInserter(
            systemIdentifier: parameters.systemIdentifier, timeline: .first,
            segmentSize: parameters.segmentSize, at: begin, previous: .invalid)
        let checkpoint = CheckPoint(
            redo: log.nextRecordStart(parameters.segmentSize), timeline: .first,
            nextXID: UInt64(TransactionID.firstNormal.rawValue),
            time: parameters.time.unixSeconds)
        log.insert(WALRecord(body: .checkpoint(checkpoint, shutdown: true)))
        let control = ControlData(
            systemIdentifier: parameters.systemIdentifier, state: .shutDown, timeline: .first,
            checkpoint: checkpoint.redo, redo: checkpoint.redo,
            segmentSize: parameters.segmentSize, nextXID: .firstNormal,
            checkpointTime: parameters.time, files: .empty(at: log.insertLSN))
        if let (position, bytes) = log.takePending() {
            try fill(fileSystem, control, logFrom: position, bytes)
        }
    }

    /// Fills an empty directory: an empty table, no transaction, and a log that ends with the
    /// shutdown checkpoint the control data speak of.
    static func fill(
        _ fileSystem: any FileSystem, _ control: ControlData, logFrom position: LSN,
        _ bytes: [UInt8]
    ) throws(OpenFailure) {
        try lay(on: fileSystem)
        try adding(on: fileSystem, control) { () throws(DiskFailure) in
            let directory = WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
            var writer = WALWriter(directory)
            try writer.write(.first, at: position, bytes)
            try writer.sync()
            try asking { () throws(IOFailure) in
                try fileSystem.replace(DirectoryLayout.relation, with: [])
                try fileSystem.replace(
                    DirectoryLayout.commitLog + "/0000", with: [UInt8](repeating: 0, count: 8192))
            }
        }
    }

    /// Copies a cleanly stopped directory, whose node must not be running, into an empty one, and
    /// makes the copy a standby (standby.signal, "shut down in recovery").
    public static func cloneCold(
        from source: any FileSystem, to target: any FileSystem
    ) throws(OpenFailure) {
        let original = try DataDirectory.open(source)
        var control = original.control
        switch control.state {
        case .shutDown, .shutDownInRecovery: break
        case .inArchiveRecovery, .inProduction: throw .notStopped(control.state)
        }
        control.state = .shutDownInRecovery
        try lay(on: target)
        try adding(on: target, control) { () throws(DiskFailure) in
            try asking { () throws(IOFailure) in
                for directory in ["base/5", DirectoryLayout.commitLog, WALDirectory.path] {
                    for name in try source.list(directory) where !name.hasSuffix(".tmp") {
                        let path = directory + "/" + name
                        try target.replace(
                            path, with: try source.contents(of: path, atMost: .max))
                    }
                }
                try target.replace(DirectoryLayout.standbySignal, with: [])
            }
        }
    }

    /// Makes the directories and PG_VERSION in an empty root.
    private static func lay(on fileSystem: any FileSystem) throws(OpenFailure) {
        let first = try opening { () throws(IOFailure) in try fileSystem.list("").first }
        if let first { throw .notEmpty(firstName: first) }
        try opening { () throws(IOFailure) in
            for path in DirectoryLayout.directories { try fileSystem.makeDirectory(path) }
            for path in DirectoryLayout.directories { try fileSystem.syncDirectory(path) }
            try fileSystem.replace(DirectoryLayout.version, with: Array("15\n".utf8))
        }
    }

    /// Fills the directory, then writes the control data.
    private static func adding(
        on fileSystem: any FileSystem, _ control: ControlData,
        _ fill: () throws(DiskFailure) -> Void
    ) throws(OpenFailure) {
        do {
            try fill()
            try asking { () throws(IOFailure) in
                try fileSystem.replace(DirectoryLayout.control, with: control.encoded())
            }
        } catch {
            throw OpenFailure(error, at: control.redo)
        }
    }
}

extension WALInserter {
    /// Where the next record will start: `insertLSN`, or behind the page header still to come.
    func nextRecordStart(_ size: SegmentSize) -> LSN {
        guard insertLSN.rawValue % 8192 == 0 else { return insertLSN }
        return insertLSN.advanced(by: size.offset(of: insertLSN) == 0 ? 40 : 24)
    }
}

extension PostgresTime {
    /// Whole seconds since 1970, PostgreSQL's pg_time_t.
    var unixSeconds: Int64 {
        let second: Int64 = 1_000_000
        let whole = microseconds / second - (microseconds % second < 0 ? 1 : 0)
        return whole + 946_684_800
    }

    /// The instant of whole seconds since 1970, which a checkpoint record carries.
    init(unixSeconds: Int64) {
        let sinceEpoch = unixSeconds.subtractingReportingOverflow(946_684_800).partialValue
        self.init(
            microseconds: sinceEpoch.multipliedReportingOverflow(by: 1_000_000).partialValue)
    }
}
