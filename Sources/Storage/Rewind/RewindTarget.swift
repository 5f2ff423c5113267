internal import Synchronization
public import WALFormat

/// The directory of a node that is down while a rewind makes a replica of another node of it.
/// PostgreSQL: what `pg_rewind` does to its target.
///
/// - Its first job marks the directory, with the plan; its last one takes the mark off. Whatever
///   ends it in between leaves a directory on which no node starts, and which the same rewind, run
///   again, makes whole.
/// - Redo begins at the plan's checkpoint, and the directory is consistent where the source's log
///   ended when the copying was over, not before.
/// - Jobs may come from any thread, and wait for one another.
public final class RewindTarget: Sendable {
    /// What is done to the directory.
    public enum Job: Hashable, Sendable {
        /// Marks it; then takes out what the source's files replace as wholes. The first job.
        case begin(RewindPlan)
        /// Writes a piece of a file, which is made if it is not there.
        case write(path: String, at: Int, bytes: [UInt8])
        /// Cuts a file to a length, or fills it up with zeros, and makes it durable.
        case close(path: String, byteCount: Int)
        /// Makes everything durable, then a standby of it, and takes the mark off.
        case finish(RewindPlan, RewindSource, end: LSN)
    }

    private struct State {
        let fileSystem: any FileSystem
        let source: String
        var lock: (any OpenFile)?
    }

    private let state: Mutex<State>

    /// - Parameter source: the node that is copied from, for the mark.
    public init(_ fileSystem: any FileSystem, source: String) {
        state = Mutex(State(fileSystem: fileSystem, source: source))
    }

    /// Lets the directory go as it is.
    public func abandon() {
        state.withLock { $0.lock = nil }
    }

    /// Performs one job now, on the calling thread; says why it failed.
    public func perform(_ job: Job) -> DiskFailure? {
        state.withLock { state in
            do throws(IOFailure) {
                switch job {
                case .begin(let plan):
                    if state.lock == nil {
                        state.lock = try state.fileSystem.lock(DirectoryLayout.lock)
                    }
                    try state.fileSystem.begin(plan, from: state.source)
                case .write(let path, let offset, let bytes):
                    let file =
                        try state.fileSystem.exists(path)
                        ? state.fileSystem.open(path, .readWrite)
                        : state.fileSystem.open(path, .create)
                    try file.write(bytes[...], at: offset)
                case .close(let path, let byteCount):
                    let file = try state.fileSystem.open(path, .readWrite)
                    try file.truncate(to: byteCount)
                    try file.sync()
                case .finish(let plan, let source, let end):
                    try state.fileSystem.finish(plan, source, end: end)
                    state.lock = nil
                }
                return nil
            } catch {
                return .io(error)
            }
        }
    }
}

extension FileSystem {
    /// The log before the checkpoint's segment is both nodes' and stays.
    fileprivate func begin(_ plan: RewindPlan, from source: String) throws(IOFailure) {
        let mark = RewindMark(source: source, plan: plan)
        try replace(DirectoryLayout.incompleteRewind, with: mark.bytes)
        for path in [DirectoryLayout.promote, DirectoryLayout.backupManifest]
        where try exists(path) {
            try remove(path)
        }
        for name in try list(DirectoryLayout.commitLog) {
            try remove(DirectoryLayout.commitLog + "/" + name)
        }
        for name in try list(SlotDirectory.path) {
            let slot = SlotDirectory.path + "/" + name
            for file in try list(slot) { try remove(slot + "/" + file) }
            try removeDirectory(slot)
        }
        let control = try? ControlData(decoding: contents(of: DirectoryLayout.control))
        for name in try list(WALDirectory.path) {
            let path = WALDirectory.path + "/" + name
            if let size = control?.segmentSize,
                let segment = SegmentName(fileName: name, size: size),
                segment.number < size.number(containing: plan.redo)
            {
                continue
            }
            if try !isDirectory(path) { try remove(path) }
        }
    }

    fileprivate func finish(
        _ plan: RewindPlan, _ source: RewindSource, end: LSN
    ) throws(IOFailure) {
        for directory in DirectoryLayout.directories { try syncDirectory(directory) }
        var control = source.control
        control.state = .inArchiveRecovery
        control.checkpoint = plan.checkpoint
        control.redo = plan.redo
        control.timeline = plan.timeline
        control.minimumRecovery = end
        control.minimumRecoveryTimeline = source.lineage.timeline(before: end)
        try replace(DirectoryLayout.control, with: control.encoded())
        let segment = SegmentName(
            timeline: plan.timeline, number: control.segmentSize.number(containing: plan.redo))
        let label = """
            START WAL LOCATION: \(plan.redo) (file \(segment.fileName(control.segmentSize)))
            CHECKPOINT LOCATION: \(plan.checkpoint)
            BACKUP METHOD: pg_rewind
            BACKUP FROM: standby
            START TIMELINE: \(plan.timeline)

            """
        try replace(DirectoryLayout.backupLabel, with: Array(label.utf8))
        try replace(DirectoryLayout.standbySignal, with: [])
        try syncDirectory("")
        try remove(DirectoryLayout.incompleteRewind)
        try syncDirectory("")
    }
}
