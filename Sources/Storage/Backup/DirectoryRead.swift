/// What a base backup reads of a data directory, between the jobs that write to it: so every page
/// it gets is a whole one, of this moment or another.
public enum DirectoryRead: Hashable, Sendable {
    /// All that lies under a directory, files and directories; `""` is the data directory.
    case list(String)
    /// A piece of a file, as much of it as there is.
    case piece(path: String, from: Int, byteCount: Int)
}

/// What was read.
public enum DirectoryReading: Hashable, Sendable {
    /// Every path under the directory, in bytewise order: a directory before what is in it.
    case entries([DirectoryEntry])
    /// The bytes; nil when there is no such file any more.
    case piece([UInt8]?)
}

/// A file or a directory.
public struct DirectoryEntry: Hashable, Sendable {
    /// Its path in the data directory.
    public let path: String
    /// A file's length; nil for a directory.
    public let byteCount: Int?
}

extension FileSystem {
    func perform(_ read: DirectoryRead) throws(DiskFailure) -> DirectoryReading {
        try asking { () throws(IOFailure) in
            switch read {
            case .list(let path): .entries(try entries(under: path))
            case .piece(let path, let offset, let byteCount):
                .piece(try piece(of: path, from: offset, byteCount: byteCount))
            }
        }
    }

    private func entries(under directory: String) throws(IOFailure) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        for name in try list(directory) {
            let path = directory.isEmpty ? name : directory + "/" + name
            if try isDirectory(path) {
                entries.append(DirectoryEntry(path: path, byteCount: nil))
                entries += try self.entries(under: path)
            } else if let file = try openIfPresent(path) {
                entries.append(DirectoryEntry(path: path, byteCount: try file.size()))
            }
        }
        return entries
    }

    private func piece(
        of path: String, from offset: Int, byteCount: Int
    ) throws(IOFailure) -> [UInt8]? {
        try openIfPresent(path)?.read(at: offset, count: byteCount)
    }

    private func openIfPresent(_ path: String) throws(IOFailure) -> (any OpenFile)? {
        do {
            return try open(path, .readOnly)
        } catch {
            guard error.kind == .missing else { throw error }
            return nil
        }
    }

    /// Whether names can be listed under a path.
    func isDirectory(_ path: String) throws(IOFailure) -> Bool {
        do {
            _ = try list(path)
            return true
        } catch {
            guard error.kind == .missing else { throw error }
            return false
        }
    }
}
