internal import Glibc
internal import Storage

/// The folder a bench works in, all of it on one file system. It is removed at the end.
struct BenchDirectory {
    let path: String

    /// Makes a folder below `parent`, by default below TMPDIR or /tmp. Other users may pass through
    /// it: a PostgreSQL of theirs lives in it.
    init(in parent: String?) throws(BenchFailure) {
        let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((parent + "/shiplog-bench-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw .failed("mkdtemp below \(parent)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try checked("chmod \(path)", chmod(path, 0o711))
    }

    /// A new folder in it.
    func folder(_ name: String) throws(BenchFailure) -> String {
        let path = path + "/" + name
        try checked("mkdir \(path)", mkdir(path, 0o700))
        return path
    }

    /// Writes a file in it, and gives its path.
    @discardableResult
    func write(_ text: String, to name: String) throws(BenchFailure) -> String {
        let path = path + "/" + name
        let file = try checked("create \(path)", open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644))
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw .failed("write \(path)")
        }
        return path
    }

    /// Removes it and all that is in it.
    func remove() { Self.removeTree(path) }

    /// Removes a file, or a folder with all that is in it. A link is removed and not followed.
    static func removeTree(_ path: String) {
        guard Glibc.remove(path) != 0, let names = try? RealFileSystem(opening: path).list("")
        else { return }
        for name in names { removeTree(path + "/" + name) }
        Glibc.remove(path)
    }
}
