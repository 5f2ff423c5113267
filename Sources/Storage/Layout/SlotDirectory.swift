/// Where replication slots are kept: `pg_replslot/NAME/state`, in bytes that mean nothing here.
///
/// - A slot is there when its `state` is; a directory without one is what a power loss left of a
///   slot being made or removed. (PostgreSQL renames the directory instead, to the same end.)
struct SlotDirectory: Sendable {
    static let path = "pg_replslot"

    private let fileSystem: any FileSystem

    init(_ fileSystem: any FileSystem) {
        self.fileSystem = fileSystem
    }

    private func directory(_ name: String) -> String { Self.path + "/" + name }
    private func file(_ name: String) -> String { directory(name) + "/state" }

    /// The slots' names, and of what was left of one.
    private func names() throws(IOFailure) -> [String] { try fileSystem.list(Self.path) }

    /// Writes a slot's state, durably, under its name.
    func store(_ name: String, _ state: [UInt8]) throws(IOFailure) {
        if try !names().contains(name) {
            try fileSystem.makeDirectory(directory(name))
            try fileSystem.syncDirectory(Self.path)
        }
        try fileSystem.replace(file(name), with: state)
    }

    /// Removes a slot, durably: first its state, so that half of it is none.
    func remove(_ name: String) throws(IOFailure) {
        guard try names().contains(name) else { return }
        let files = try fileSystem.list(directory(name)).sorted { left, _ in left == "state" }
        for file in files {
            try fileSystem.remove(directory(name) + "/" + file)
            try fileSystem.syncDirectory(directory(name))
        }
        try fileSystem.removeDirectory(directory(name))
        try fileSystem.syncDirectory(Self.path)
    }

    /// The states of all slots, by name; clears away what is none.
    func restore() throws(IOFailure) -> [(name: String, state: [UInt8])] {
        var slots: [(name: String, state: [UInt8])] = []
        for name in try names() {
            if let state = try fileSystem.contentsIfPresent(of: file(name)) {
                slots.append((name, state))
            } else {
                try remove(name)
            }
        }
        return slots
    }
}
