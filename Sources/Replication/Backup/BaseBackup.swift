public import WALFormat
public import WireProtocol

/// One BASE_BACKUP from the server's first word to its last: the data directory as one tar archive
/// inside CopyData, then its manifest. Pure: the shell names the files and reads them, piece by
/// piece, as they are at that moment; redo from the start position on makes them fit together.
/// PostgreSQL: `perform_base_backup`.
///
/// - One piece of a file, 32 KiB at most, is in memory at a time, and nothing is read before there
///   is room for it.
/// - The archive is what was announced: a file that shrank is filled up with zeros, one that grew
///   is cut, one that is gone is left out.
/// - The label comes first, then the files in the order of their list, then WAL if asked for.
/// - No client's compression and no target but the client's own side; checksums of pages are not
///   verified, since the lab's pages have none.
public struct BaseBackup: Hashable, Sendable {
    /// Where a backup starts: what the shell found after a checkpoint.
    public struct Start: Hashable, Sendable {
        /// The checkpoint's redo point: redo begins here.
        public var position: LSN
        /// The checkpoint's own record.
        public var checkpoint: LSN
        /// The timeline of both.
        public var timeline: Timeline
        /// Whether the server is a standby.
        public var isStandby: Bool
        /// What to send, in this order: the control data last, so that they are no older than what
        /// they speak of. `BackupFile.isExcluded` says what does not belong here.
        public var files: [BackupFile]

        /// A start from its parts.
        public init(
            position: LSN, checkpoint: LSN, timeline: Timeline, isStandby: Bool,
            files: [BackupFile]
        ) {
            self.position = position
            self.checkpoint = checkpoint
            self.timeline = timeline
            self.isStandby = isStandby
            self.files = files
        }
    }

    /// Where it ends: WAL up to here makes the backup consistent.
    public struct End: Hashable, Sendable {
        /// The end of that WAL, which is durable.
        public var position: LSN
        /// Its timeline.
        public var timeline: Timeline
        /// How that timeline came about.
        public var history: TimelineHistory
        /// Whether the server is a standby.
        public var isStandby: Bool
        /// What `pg_wal` holds; needed only if the client asked for WAL.
        public var walFiles: [BackupFile]

        /// An end from its parts.
        public init(
            position: LSN, timeline: Timeline, history: TimelineHistory, isStandby: Bool,
            walFiles: [BackupFile] = []
        ) {
            self.position = position
            self.timeline = timeline
            self.history = history
            self.isStandby = isStandby
            self.walFiles = walFiles
        }
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Read a piece of a file of the data directory. Answer with `fileRead`, `backupFailed` if
        /// the disk fails.
        case readFile(path: String, from: Int, byteCount: Int)
        /// Send a part of the backup as CopyData.
        case send(BackupMessage)
        /// See to it that the log as it is now is durable. Answer with `backupEnded` or
        /// `backupFailed`.
        case end
    }

    /// The most bytes of a file that are read in one go. PostgreSQL: `SINK_BUFFER_LENGTH`.
    public static let pieceByteCount = 32_768
    /// The most bytes one step sends: a piece, a header, padding, a progress report, and frames.
    static let stepByteCount = pieceByteCount + 2048

    let options: BaseBackupOptions
    let start: Start
    let segmentSize: SegmentSize
    var step: Step = .ready
    /// What is still to come, last first.
    var agenda: [Item] = []
    var manifest: BackupManifest?
    var end: End?
    var throttle: BackupThrottle?
    var progress: Progress

    /// Bytes of the archive that are sent.
    public var sentByteCount: Int { progress.byteCount }
    /// How long the archive will be, as far as the list of files tells.
    public var expectedByteCount: Int {
        start.files.reduce(0) { $0 + Self.memberByteCount($1) }
    }

    /// What is happening.
    enum Step: Hashable {
        /// The next item may begin.
        case ready
        /// A file is being sent, from here on; the piece asked for has not come.
        case reading(OpenFile)
        /// The same; the next piece has not been asked for.
        case between(OpenFile)
        /// The shell was asked for the end.
        case ending
        /// The manifest is being sent; so much of it is out.
        case sendingManifest([UInt8], sent: Int)
        /// All is said.
        case finished
    }

    /// A part of what is to be sent.
    enum Item: Hashable {
        /// A file the server makes up.
        case generated(BackupFile, [UInt8])
        /// A file or directory on disk; WAL is not in the manifest.
        case onDisk(BackupFile, isWAL: Bool)
        case end
        case trailer
        case manifest
        case goodbye
    }

    /// A file of which something is sent, or about to be.
    struct OpenFile: Hashable {
        let file: BackupFile
        let isWAL: Bool
        var offset = 0
        var checksum: FileChecksum
    }

    /// How far it got, and when the client was told.
    struct Progress: Hashable {
        var byteCount = 0
        var checkedByteCount = 0
        var reportedAt: PostgresTime
    }
}

extension BaseBackup {
    /// Why these options cannot be met; nil if they can.
    static func refusal(of options: BaseBackupOptions) -> ServerError? {
        switch options.target {
        case "client":
            guard options.targetDetail == nil else {
                return ServerError(
                    code: .syntaxError,
                    message: "target \"client\" does not accept a target detail")
            }
        case "server", "blackhole":
            return unsupported("the target \"\(options.target)\"", "Use TARGET 'client'.")
        default:
            return ServerError(
                code: .featureNotSupported, message: "unrecognized target: \"\(options.target)\"")
        }
        switch options.compression?.lowercased() {
        case nil, "none":
            guard options.compressionDetail == nil else {
                return ServerError(
                    code: .syntaxError,
                    message: "compression detail cannot be specified unless compression is enabled")
            }
        case "gzip", "lz4", "zstd":
            return unsupported("compression of a base backup", "Compress on the client's side.")
        default:
            return ServerError(
                code: .syntaxError,
                message: "unrecognized compression algorithm: \"\(options.compression ?? "")\"")
        }
        guard options.label.utf8.count <= BackupLabel.maximumByteCount else {
            return ServerError(
                code: .invalidParameterValue,
                message: "backup label too long (max \(BackupLabel.maximumByteCount) bytes)")
        }
        return nil
    }

    /// A member whose name no tar header can hold.
    static func nameTooLong(_ files: [BackupFile]) -> ServerError? {
        files.first {
            TarHeader.name(of: $0).utf8.count > TarHeader.maximumNameByteCount
        }.map {
            ServerError(
                code: .internalError, message: "file name too long for tar format: \"\($0.path)\"")
        }
    }

    private static func unsupported(_ what: String, _ hint: String) -> ServerError {
        ServerError(
            code: .featureNotSupported, message: "\(what) is not supported by this lab",
            hint: hint)
    }

    static func memberByteCount(_ file: BackupFile) -> Int {
        let content = file.byteCount
        return TarHeader.blockByteCount + content + TarHeader.padding(after: content).count
    }
}
