/// The names and files of a disk in memory, with what is durable of them. A value: a copy is the
/// disk as it is now.
///
/// - A name is durable only after a sync of its directory, whatever was done to the file itself.
/// - Files are numbered; a name stands for a number, so a file outlives its name while it is open
///   or while a power loss could bring the name back.
struct MemoryDisk: Sendable {
    enum Entry: Hashable, Sendable {
        case file(Int)
        case directory
    }

    /// A change to names that is not durable yet.
    struct NameChange: Sendable {
        enum Action: Sendable {
            case make(String, Entry)
            case rename(String, to: String, Entry)
            case remove(String, Entry)
        }

        let sequence: Int
        let action: Action

        var paths: [String] {
            switch action {
            case .make(let path, _), .remove(let path, _): [path]
            case .rename(let path, let newPath, _): [path, newPath]
            }
        }
    }

    private(set) var names: [String: Entry] = ["": .directory]
    private(set) var files: [Int: MemoryFile] = [:]
    private var durableNames: [String: Entry] = ["": .directory]
    private var nameChanges: [NameChange] = []
    private var nextFile = 0
    private var nextSequence = 0

    // MARK: Names

    func file(at path: String) -> Int? {
        guard case .file(let number) = names[path] else { return nil }
        return number
    }

    func isDirectory(_ path: String) -> Bool { names[path] == .directory }

    /// Whether the directory that would hold a path is there.
    func hasParent(of path: String) -> Bool { isDirectory(Self.parent(of: path)) }

    func list(_ directory: String) -> [String] {
        names.keys.filter { !$0.isEmpty && Self.parent(of: $0) == directory }
            .map { String($0.dropFirst(directory.isEmpty ? 0 : directory.utf8.count + 1)) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    mutating func makeFile(_ path: String) -> Int {
        let number = nextFile
        nextFile += 1
        files[number] = MemoryFile()
        change(.make(path, .file(number)))
        return number
    }

    mutating func makeDirectory(_ path: String) { change(.make(path, .directory)) }

    mutating func rename(_ path: String, to newPath: String, _ entry: Entry) {
        change(.rename(path, to: newPath, entry))
    }

    mutating func remove(_ path: String, _ entry: Entry) { change(.remove(path, entry)) }

    private mutating func change(_ action: NameChange.Action) {
        nameChanges.append(NameChange(sequence: takeSequence(), action: action))
        names.apply(action)
    }

    /// Makes the names in a directory durable, and the older changes that these came from.
    mutating func syncDirectory(_ directory: String) {
        var wanted: Set<String> = []
        var settled: [NameChange] = []
        var rest: [NameChange] = []
        for change in nameChanges.reversed() {
            let isWanted = change.paths.contains {
                Self.parent(of: $0) == directory || wanted.contains($0)
            }
            if isWanted {
                wanted.formUnion(change.paths)
                settled.append(change)
            } else {
                rest.append(change)
            }
        }
        for change in settled.reversed() { durableNames.apply(change.action) }
        nameChanges = rest.reversed()
    }

    /// Forgets the files that nobody can reach any more.
    mutating func forgetFiles(except open: Set<Int>) {
        var reachable = open
        for case .file(let number) in names.values { reachable.insert(number) }
        for case .file(let number) in durableNames.values { reachable.insert(number) }
        for change in nameChanges {
            switch change.action {
            case .make(_, let entry), .rename(_, _, let entry), .remove(_, let entry):
                if case .file(let number) = entry { reachable.insert(number) }
            }
        }
        for number in files.keys where !reachable.contains(number) { files[number] = nil }
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    // MARK: Bytes

    mutating func write(_ bytes: ArraySlice<UInt8>, to file: Int, at offset: Int) {
        let sequence = takeSequence()
        files[file]?.write(bytes, at: offset, sequence: sequence)
    }

    mutating func truncate(_ file: Int, to count: Int) {
        let sequence = takeSequence()
        files[file]?.truncate(to: count, sequence: sequence)
    }

    mutating func sync(_ file: Int) { files[file]?.sync() }

    mutating func loseUnsynced(_ file: Int) { files[file]?.loseUnsynced() }

    mutating func replaceSilently(_ file: Int, _ body: (inout [UInt8]) -> Void) {
        files[file]?.replaceSilently(body)
    }

    private mutating func takeSequence() -> Int {
        nextSequence += 1
        return nextSequence
    }

    // MARK: Power loss

    /// Whether a power loss would change nothing.
    var isAllDurable: Bool {
        nameChanges.isEmpty
            && files.values.allSatisfy { $0.changes.allSatisfy { $0.fate == .durable } }
    }

    /// Bytes in writes that are pending; written over twice, they count twice.
    var unsyncedByteCount: Int {
        files.values.reduce(0) { total, file in
            file.changes.reduce(total) { total, change in
                guard change.fate == .pending, case .write(_, let bytes) = change.action else {
                    return total
                }
                return total + bytes.count
            }
        }
    }

    /// The disk that is found when the power comes back: all of it durable.
    func afterPowerLoss(_ survival: Survival, seed: UInt64) -> MemoryDisk {
        var draw = SurvivalDraw(survival, seed: seed, changes: oldestPending...nextSequence)
        var disk = MemoryDisk()
        var found = survivingNames(&draw)
        found[""] = .directory
        for (path, entry) in found.sorted(by: { $0.key < $1.key }) where path != "" {
            // What lies in a directory whose own creation is gone, is gone with it.
            guard Self.ancestors(of: path).allSatisfy({ found[$0] == .directory }) else { continue }
            switch entry {
            case .directory: disk.makeDirectory(path)
            case .file(let number):
                let new = disk.makeFile(path)
                disk.files[new] = MemoryFile(files[number]?.surviving(&draw) ?? [])
            }
        }
        disk.durableNames = disk.names
        disk.nameChanges = []
        return disk
    }

    private func survivingNames(_ draw: inout SurvivalDraw) -> [String: Entry] {
        var found = durableNames
        for change in nameChanges {
            let survives =
                switch draw.survival {
                case .nothing: false
                case .everything: true
                case .prefix: draw.share(of: change.sequence) == .whole
                case .sectors: draw.toss()
                }
            if survives { found.apply(change.action) }
        }
        return found
    }

    /// The oldest change that is not durable.
    private var oldestPending: Int {
        let writes = files.values.compactMap { $0.changes.first { $0.fate == .pending }?.sequence }
        return (writes + nameChanges.map(\.sequence)).min() ?? nextSequence
    }

    private static func ancestors(of path: String) -> [String] {
        path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
    }
}

extension [String: MemoryDisk.Entry] {
    /// Carries out a change, if what it is about is there under its name.
    fileprivate mutating func apply(_ action: MemoryDisk.NameChange.Action) {
        switch action {
        case .make(let path, let entry):
            self[path] = entry
        case .rename(let path, let newPath, let entry):
            guard self[path] == entry else { return }
            self[path] = nil
            self[newPath] = entry
        case .remove(let path, let entry):
            if self[path] == entry { self[path] = nil }
        }
    }
}
