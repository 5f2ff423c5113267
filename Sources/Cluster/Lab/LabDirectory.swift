import DatabaseNode
import Glibc
import LabClock
import Storage

/// Where a lab keeps its nodes: one data directory a node, and a note of what the lab is.
///
/// ```
/// shiplog.conf     version, seed, replicas, the clock when it was last closed, who follows whom
/// p/ r1/ r2/       data directories
/// postgres/        the cluster of a real PostgreSQL that the lab began as, if it did
/// pg/              the copy of it that follows the lab, while there is one
/// pg.backup/       the base backup that is laid over that copy, while it is made
/// ```
///
/// - A directory without that note is not ours and is left alone, unless it is empty.
/// - A temporary one is removed when the lab closes.
struct LabDirectory {
    /// What the note says.
    struct Note: Hashable {
        var seed: UInt64
        var replicas: Int
        /// The lab began as a real PostgreSQL's cluster.
        var isFromPostgres = false
        var clock = LabInstant.start
        /// The upstream of each standby, by its name.
        var upstreams: [String: String] = [:]
        /// The slot each standby uses, by its name.
        var slots: [String: String] = [:]
        /// The nodes' directories are being made: until that is over there is nothing in them.
        var isUnderConstruction = false
    }

    static let noteName = "shiplog.conf"

    let path: String
    let isTemporary: Bool
    /// The nodes' files are in memory; the directory holds the note alone.
    let usesMemory: Bool
    /// The directory was a lab's before.
    let wasFound: Bool
    var note: Note

    private let fileSystem: RealFileSystem

    /// Opens or makes the directory that the options ask for.
    init(_ options: LabOptions) throws(LabFailure) {
        let replicas = options.replicas ?? 2
        guard (0...LabOptions.replicaLimit).contains(replicas) else {
            throw .tooManyReplicas(replicas)
        }
        isTemporary = options.directory == nil
        usesMemory = options.usesMemory && options.directory == nil
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
            guard let read = Note(String(decoding: found, as: UTF8.self)) else {
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
            note = Note(
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
                storages[name] = NodeStorage(
                    usesMemory
                        ? MemoryFileSystem() : try RealFileSystem(creating: dataPath(name)))
            } catch {
                throw .directory(path: dataPath(name), reason: error.description)
            }
        }
        return storages
    }

    /// Makes the nodes' directories with `make`, so that a process that dies meanwhile leaves a
    /// directory which the next one begins anew.
    mutating func construct(
        _ make: ([String: NodeStorage]) throws(LabFailure) -> Void
    ) throws(LabFailure) -> [String: NodeStorage] {
        for name in note.nodeNames + [Lab.clusterName, Lab.foreignName] {
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

extension LabDirectory.Note {
    /// The note as its file has it, one fact a line.
    var text: String {
        var lines = [
            "version 1", "seed \(seed)", "replicas \(replicas)", "clock \(clock.nanoseconds)",
        ]
        if isFromPostgres { lines.append("origin postgres") }
        if isUnderConstruction { lines.append("state construction") }
        for (node, upstream) in upstreams.sorted(by: { $0.key < $1.key }) {
            lines.append("upstream \(node) \(upstream)")
        }
        for (node, slot) in slots.sorted(by: { $0.key < $1.key }) {
            lines.append("slot \(node) \(slot)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads a note; nil when it is none, or of a version to come.
    init?(_ text: String) {
        var facts: [Substring: Substring] = [:]
        var upstreams: [String: String] = [:]
        var slots: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            switch words.count {
            case 2: facts[words[0]] = words[1]
            case 3 where words[0] == "upstream": upstreams[String(words[1])] = String(words[2])
            case 3 where words[0] == "slot": slots[String(words[1])] = String(words[2])
            default: return nil
            }
        }
        guard facts["version"] == "1", let seed = facts["seed"].flatMap({ UInt64($0) }),
            let replicas = facts["replicas"].flatMap({ Int($0) }),
            (0...LabOptions.replicaLimit).contains(replicas),
            let clock = facts["clock"].flatMap({ Int64($0) }), clock >= 0
        else { return nil }
        self.init(seed: seed, replicas: replicas)
        self.clock = LabInstant(nanoseconds: clock)
        self.upstreams = upstreams
        self.slots = slots
        isFromPostgres = facts["origin"] == "postgres"
        isUnderConstruction = facts["state"] == "construction"
    }

    /// `p`, `r1`, `r2` and on.
    var nodeNames: [String] { LabOptions.nodeNames(replicas: replicas) }
}
