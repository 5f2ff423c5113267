public import WALFormat
public import WireProtocol

/// The client's side of a base backup: asks a node for all of its files, writes them to an empty
/// directory, and believes nothing that the manifest does not bear out. Pure: the shell connects,
/// writes and syncs. PostgreSQL: `pg_basebackup -X fetch`, and `pg_verifybackup` on the way.
///
/// - The directory is not touched before the server has begun to send.
/// - What has arrived is written at once: of the files nothing is held but names and checksums.
/// - It ends once, with `.ended`; what the connection says afterwards counts for nothing.
/// - A server that says nothing for `timeout` is given up.
public struct BackupReceiver: Hashable, Sendable {
    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Connect to the server. Answer with `dialled` or `connectionClosed`.
        case dial
        /// Send a message.
        case send(FrontendMessage)
        /// Take everything out of the directory, and mark it as incomplete. If this or a later
        /// write fails: `storageFailed`.
        case emptyDirectory
        /// Make a directory.
        case makeDirectory(String)
        /// Write a piece of a file; the piece at 0 makes the file.
        case write(path: String, at: Int, bytes: [UInt8])
        /// Make all of it durable, then take the mark off. Answer with `stored`.
        case finish(manifest: [UInt8])
        /// Close the connection; say nothing of it any more.
        case disconnect
        /// It is over. After a failure with the directory touched, empty it again.
        case ended(Outcome)
    }

    /// How it ended.
    public enum Outcome: Hashable, Sendable {
        /// The directory is a backup.
        case complete(Summary)
        /// It is none; what is in it, if it was touched, is worth nothing.
        case failed(Failure, directoryIsTouched: Bool)
    }

    /// What was received.
    public struct Summary: Hashable, Sendable {
        /// Where redo has to begin.
        public var redo: LSN
        /// The checkpoint's record, if the label says where it is.
        public var checkpoint: LSN?
        /// The timeline of both.
        public var timeline: Timeline
        /// WAL up to here makes the files consistent.
        public var end: LSN
        /// The timeline of the end.
        public var endTimeline: Timeline
        /// Files, WAL aside.
        public var fileCount = 0
        /// Their bytes.
        public var byteCount = 0
        /// Segments and history files.
        public var walFileCount = 0
        /// Their bytes.
        public var walByteCount = 0
    }

    /// Why there is no backup.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Nobody took the connection.
        case unreachable
        /// The connection went away in the middle.
        case connectionLost
        /// The server said nothing for so long.
        case timedOut(after: Duration)
        /// The server answered with an error.
        case refused(ServerError)
        /// The server said what no server may say.
        case protocolViolation(String)
        /// The archive is not one that may be unpacked.
        case badArchive(String)
        /// The manifest, or what it says of the files, is wrong.
        case badManifest(String)
        /// The own disk failed.
        case disk(String)
        /// The learner has called it off.
        case cancelled

        /// One line.
        public var description: String {
            switch self {
            case .unreachable: "nobody took the connection"
            case .connectionLost: "the connection was lost"
            case .timedOut(let bound): "the server said nothing for \(bound)"
            case .refused(let error): error.description
            case .protocolViolation(let reason): "protocol violation: \(reason)"
            case .badArchive(let reason): "bad archive: \(reason)"
            case .badManifest(let reason): "bad manifest: \(reason)"
            case .disk(let reason): reason
            case .cancelled: "cancelled"
            }
        }
    }

    enum Phase: Hashable {
        case idle
        case dialling
        case greeting
        /// BASE_BACKUP is out; its answer so far.
        case asking(PartialAnswer)
        case archive(ReceivedArchive)
        case manifest(ReceivedArchive, [UInt8])
        /// The copy is over; the last word is to come.
        case ending(ReceivedArchive, [UInt8], PartialAnswer)
        /// The shell is making it durable.
        case storing(Summary)
        case over
    }

    let name: String
    let options: BaseBackupOptions
    let timeout: Duration
    var phase = Phase.idle
    var silence = Silence(since: PostgresTime(microseconds: .min))
    var directoryIsTouched = false
    /// What the server expects to send, in bytes; WAL may come on top.
    public internal(set) var expectedByteCount: Int?
    /// Bytes of the archive that have arrived.
    public internal(set) var receivedByteCount = 0

    /// - Parameters:
    ///   - name: what it calls itself.
    ///   - rate: the server is asked to send no more than so many kB a second.
    ///   - timeout: `wal_receiver_timeout`; zero: never.
    public init(name: String, rate: Int? = nil, timeout: Duration) {
        self.name = name
        self.timeout = timeout
        var options = BaseBackupOptions()
        options.label = "shiplog basebackup \(name)"
        options.progress = true
        options.includesWAL = true
        options.fastCheckpoint = true
        options.wait = false
        options.maximumRate = rate
        options.manifest = .yes
        options.manifestChecksums = .crc32c
        self.options = options
    }

    /// Begin.
    public mutating func connect(now: PostgresTime) -> [Action] {
        guard phase == .idle else { return [] }
        phase = .dialling
        silence = Silence(since: now)
        return [.dial]
    }

    /// The server accepted the connection.
    public mutating func dialled(now: PostgresTime) -> [Action] {
        guard phase == .dialling else { return [.disconnect] }
        phase = .greeting
        silence.received(at: now)
        let startup = StartupMessage(
            user: WALReceiver.user, database: "replication", applicationName: name,
            replication: true)
        return [.send(.startup(startup))]
    }

    /// The connection is gone, or was refused.
    public mutating func connectionClosed() -> [Action] {
        switch phase {
        case .idle, .storing, .over: []
        case .dialling: fail(.unreachable)
        case .greeting, .asking, .archive, .manifest, .ending: fail(.connectionLost)
        }
    }

    /// What arrived is no message.
    public mutating func framesBroken(_ reason: String) -> [Action] {
        phase == .over ? [] : fail(.protocolViolation(reason))
    }

    /// Everything is durable.
    public mutating func stored() -> [Action] {
        guard case .storing(let summary) = phase else { return [] }
        phase = .over
        return [.ended(.complete(summary))]
    }

    /// The own disk failed.
    public mutating func storageFailed(_ reason: String) -> [Action] {
        phase == .over ? [] : fail(.disk(reason))
    }

    /// Give it up.
    public mutating func cancel() -> [Action] {
        phase == .over ? [] : fail(.cancelled)
    }

    /// When `deadlineReached` should be called at the latest; nil if never.
    public var nextDeadline: PostgresTime? {
        switch phase {
        case .idle, .storing, .over: nil
        case .dialling, .greeting, .asking, .archive, .manifest, .ending:
            silence.nextDeadline(timeout: timeout, asks: false)
        }
    }

    /// Time has come to `now`. Does nothing if nothing is due.
    public mutating func deadlineReached(now: PostgresTime) -> [Action] {
        guard nextDeadline != nil,
            silence.due(at: now, timeout: timeout, asks: false) == .giveUp
        else { return [] }
        return fail(.timedOut(after: timeout))
    }

    mutating func fail(_ failure: Failure) -> [Action] {
        phase = .over
        return [
            .disconnect, .ended(.failed(failure, directoryIsTouched: directoryIsTouched)),
        ]
    }
}
