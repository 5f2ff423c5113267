import DatabaseNode
import LabClock
import Storage

/// Where a lab keeps its nodes: one data directory a node, and a note of what the lab is.
///
/// ```
/// shiplog.conf     what the lab is and how it was left: see LabNote
/// shiplog.ledger   what clients were told: see LedgerFile
/// p/ r1/ r2/       data directories
/// postgres/        the cluster of a real PostgreSQL that the lab began as, if it did
/// pg/              the copy of it that follows the lab, while there is one
/// pg.backup/       the base backup that is laid over that copy, while it is made
/// ```
/// Beside them lies the lock, see `TakenDirectory`.
///
/// - A directory without that note is not ours and is left alone, unless it is empty but for what a
///   lab leaves that was killed before it had one.
/// - Nothing in it is read or made before the lock is held.
/// - A temporary one is removed when the lab closes.
struct LabDirectory {
    static let noteName = "shiplog.conf"
    static let ledgerName = "shiplog.ledger"

    /// Where the nodes' files are; if in memory, the directory holds the note alone.
    let disks: LabOptions.Disks
    /// The directory was a lab's before.
    let wasFound: Bool
    var note: LabNote
    /// What the logs of its nodes said alike, as far as it was removed.
    private let commits = SharedCommits()
    /// The ledger's file as far as it is whole.
    private var ledgerFile = LedgerFile()
    private var taken: TakenDirectory

    var path: String { taken.path }
    var isTemporary: Bool { taken.isTemporary }
    private var fileSystem: RealFileSystem { taken.fileSystem }

    /// Opens or makes the directory that the options ask for.
    init(_ options: LabOptions) throws(LabFailure) {
        let replicas = options.replicas ?? 2
        guard (0...LabOptions.replicaLimit).contains(replicas) else {
            throw .tooManyReplicas(replicas)
        }
        disks = options.directory == nil ? options.disks : .files
        if let path = options.directory {
            taken = try TakenDirectory(path) { files throws(LabFailure) in
                try Self.checkIsFit(path, files)
            }
        } else {
            TakenDirectory.removesRemains
            taken = try TakenDirectory(temporaryIn: TakenDirectory.temporaryParent)
        }
        if let read = try Self.note(in: taken) {
            note = read
            wasFound = !read.isUnderConstruction
        } else {
            note = LabNote(
                seed: options.seed ?? 1, replicas: replicas,
                isFromPostgres: options.isFromPostgres)
            wasFound = false
        }
        try checkSettings(options)
    }

    /// The data directory of a node.
    func dataPath(_ node: String) -> String { path + "/" + node }

    /// The data directories of the nodes, made if they are missing.
    func storages() throws(LabFailure) -> [String: NodeStorage] {
        var storages: [String: NodeStorage] = [:]
        for name in note.nodeNames {
            do throws(IOFailure) {
                storages[name] = try storage(of: name)
            } catch {
                throw .directory(path: dataPath(name), reason: error.description)
            }
        }
        return storages
    }

    private func storage(of node: String) throws(IOFailure) -> NodeStorage {
        switch disks {
        case .files:
            NodeStorage(try RealFileSystem(creating: dataPath(node)), sharing: commits)
        case .memory: NodeStorage(forgetful: MemoryFileSystem(), sharing: commits)
        case .lastingMemory: NodeStorage(lasting: MemoryFileSystem(), sharing: commits)
        }
    }

    /// Makes the nodes' directories with `make`, so that a process that dies meanwhile leaves a
    /// directory which the next one begins anew.
    mutating func construct(
        _ make: ([String: NodeStorage]) throws(LabFailure) -> Void
    ) throws(LabFailure) -> [String: NodeStorage] {
        for name in note.nodeNames + [Lab.clusterName, Lab.postgresName, Self.ledgerName] {
            TakenDirectory.removeTree(dataPath(name))
        }
        note.isUnderConstruction = true
        try save()
        let storages = try storages()
        try make(storages)
        note.isUnderConstruction = false
        try save()
        return storages
    }

    /// Writes the note, durably.
    func save() throws(LabFailure) {
        do throws(IOFailure) {
            try fileSystem.replace(Self.noteName, with: note.fileBytes)
        } catch {
            throw .directory(path: path, reason: error.description)
        }
    }

    /// What clients were told by earlier labs in this directory.
    mutating func ledger() throws(LabFailure) -> [ClientLedger.Entry] {
        let files = fileSystem
        let bytes = try TakenDirectory.using(path) { () throws(IOFailure) in
            try files.contentsIfPresent(of: Self.ledgerName, atMost: .max)
        }
        guard let bytes = bytes ?? (note.ledger == .init() ? [] : nil) else {
            throw .damagedLab(path: path, file: Self.ledgerName, reason: "it is missing")
        }
        do throws(LedgerFile.Damage) {
            return try ledgerFile.read(bytes, atLeast: note.ledger)
        } catch {
            throw .damagedLab(path: path, file: Self.ledgerName, reason: error.description)
        }
    }

    /// Adds what clients have learned since, durably: the note, which is written next, says how far
    /// the file goes.
    ///
    /// A write that fails in its middle leaves part of itself behind, as a kill does: the next one
    /// begins there.
    mutating func append(_ entries: [ClientLedger.Entry]) throws(IOFailure) {
        guard !entries.isEmpty else { return }
        var longer = ledgerFile
        let lines = longer.lines(entries)
        let isThere = try fileSystem.exists(Self.ledgerName)
        let file = try fileSystem.open(Self.ledgerName, isThere ? .readWrite : .create)
        let end = ledgerFile.extent.byteCount
        if try file.size() > end { try file.truncate(to: end) }
        try file.write(lines[...], at: end)
        try file.syncData()
        ledgerFile = longer
        note.ledger = longer.extent
    }

    /// Lets other labs have it; a temporary one is removed with all that is in it.
    mutating func giveBack() { taken.giveBack() }

    private func checkSettings(_ options: LabOptions) throws(LabFailure) {
        if let replicas = options.replicas, replicas != note.replicas {
            throw .otherSettings(
                path: path, wanted: "--replicas \(replicas)", found: "--replicas \(note.replicas)")
        }
        if options.isFromPostgres, !note.isFromPostgres {
            throw .otherSettings(path: path, wanted: "--postgres", found: "a lab without it")
        }
        if let seed = options.seed, seed != note.seed {
            throw .otherSettings(path: path, wanted: "--seed \(seed)", found: "--seed \(note.seed)")
        }
    }

    private static func note(in taken: TakenDirectory) throws(LabFailure) -> LabNote? {
        let bytes = try TakenDirectory.using(taken.path) { () throws(IOFailure) in
            try taken.fileSystem.contentsIfPresent(of: noteName)
        }
        guard let bytes else { return nil }
        do throws(LabNote.Unreadable) {
            return try LabNote(file: bytes)
        } catch {
            throw .damagedLab(path: taken.path, file: noteName, reason: error.description)
        }
    }

    /// Whether a lab may be there: it is one already, or there is nothing of anybody else's.
    private static func checkIsFit(
        _ path: String, _ files: RealFileSystem
    ) throws(LabFailure) {
        let names = try TakenDirectory.using(path) { () throws(IOFailure) in try files.list("") }
        guard !names.contains(TakenDirectory.temporaryLockName) else {
            throw .notALab(path: path, reason: "it goes with the lab that has made it")
        }
        // A kill has left these, where there is no more.
        let ours = [TakenDirectory.lockName, noteName + ".tmp"]
        guard !names.contains(noteName), let other = names.first(where: { !ours.contains($0) })
        else { return }
        throw .notALab(path: path, reason: "it holds \"\(other)\" and no \(noteName)")
    }
}
