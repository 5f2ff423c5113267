import DatabaseNode
import Glibc
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
///
/// - A directory without that note is not ours and is left alone, unless it is empty.
/// - A temporary one is removed when the lab closes.
struct LabDirectory {
    static let noteName = "shiplog.conf"
    static let ledgerName = "shiplog.ledger"

    let path: String
    let isTemporary: Bool
    /// Where the nodes' files are; if in memory, the directory holds the note alone.
    let disks: LabOptions.Disks
    /// The directory was a lab's before.
    let wasFound: Bool
    var note: LabNote
    /// How much of the ledger's file is whole lines.
    private var ledgerByteCount = 0

    private let fileSystem: RealFileSystem

    /// Opens or makes the directory that the options ask for.
    init(_ options: LabOptions) throws(LabFailure) {
        let replicas = options.replicas ?? 2
        guard (0...LabOptions.replicaLimit).contains(replicas) else {
            throw .tooManyReplicas(replicas)
        }
        isTemporary = options.directory == nil
        disks = options.directory == nil ? options.disks : .files
        if let directory = options.directory {
            path = directory
        } else {
            path = try Self.makeTemporary()
        }
        let found: [UInt8]?
        let occupant: String?
        do throws(IOFailure) {
            fileSystem = try RealFileSystem(creating: path)
            found = try fileSystem.contentsIfPresent(of: Self.noteName)
            occupant = try fileSystem.list("").first
        } catch {
            throw .directory(path: path, reason: error.description)
        }
        if let found {
            guard let read = LabNote(String(decoding: found, as: UTF8.self)) else {
                throw .notALab(path: path, reason: "its \(Self.noteName) is not readable")
            }
            note = read
            wasFound = !read.isUnderConstruction
        } else {
            wasFound = false
            if let occupant {
                throw .notALab(
                    path: path, reason: "it holds \"\(occupant)\" and no \(Self.noteName)")
            }
            note = LabNote(
                seed: options.seed ?? 1, replicas: replicas,
                isFromPostgres: options.isFromPostgres)
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
        case .files: NodeStorage(try RealFileSystem(creating: dataPath(node)))
        case .memory: NodeStorage(forgetful: MemoryFileSystem())
        case .lastingMemory: NodeStorage(lasting: MemoryFileSystem())
        }
    }

    /// Makes the nodes' directories with `make`, so that a process that dies meanwhile leaves a
    /// directory which the next one begins anew.
    mutating func construct(
        _ make: ([String: NodeStorage]) throws(LabFailure) -> Void
    ) throws(LabFailure) -> [String: NodeStorage] {
        for name in note.nodeNames + [Lab.clusterName, Lab.postgresName, Self.ledgerName] {
            Self.removeTree(dataPath(name))
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
            try fileSystem.replace(Self.noteName, with: Array(note.text.utf8))
        } catch {
            throw .directory(path: path, reason: error.description)
        }
    }

    /// What clients were told by earlier labs in this directory.
    mutating func ledger() throws(LabFailure) -> [ClientLedger.Entry] {
        do throws(IOFailure) {
            let bytes = try fileSystem.contentsIfPresent(of: Self.ledgerName) ?? []
            // What a kill has cut short is written over.
            ledgerByteCount = bytes.lastIndex(of: 10).map { $0 + 1 } ?? 0
            if let entries = LedgerFile.read(bytes) { return entries }
        } catch {
            throw .directory(path: path, reason: error.description)
        }
        throw .directory(path: path, reason: "its \(Self.ledgerName) is damaged")
    }

    /// Adds what clients have learned since.
    ///
    /// A write that fails in its middle leaves part of itself behind: the next one begins there.
    mutating func append(_ entries: [ClientLedger.Entry]) throws(IOFailure) {
        guard !entries.isEmpty else { return }
        let lines = LedgerFile.lines(entries)
        let isThere = try fileSystem.exists(Self.ledgerName)
        let file = try fileSystem.open(Self.ledgerName, isThere ? .readWrite : .create)
        if try file.size() > ledgerByteCount { try file.truncate(to: ledgerByteCount) }
        try file.write(lines[...], at: ledgerByteCount)
        ledgerByteCount += lines.count
    }

    /// Removes a temporary directory with all that is in it.
    func removeIfTemporary() {
        guard isTemporary else { return }
        Self.removeTree(path)
    }

    /// A link is removed and not followed: `remove` takes it as it is.
    static func removeTree(_ path: String) {
        guard remove(path) != 0, let directory = try? RealFileSystem(opening: path) else { return }
        for name in (try? directory.list("")) ?? [] { removeTree(path + "/" + name) }
        remove(path)
    }

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

    private static func makeTemporary() throws(LabFailure) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((parent + "/shiplog-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .directory(path: parent, reason: String(cString: strerror(errno)))
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
