#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a path that was asked for cannot be checked.
package enum TextFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is nothing at this path.
    case missing(path: String)
    /// A folder without a Markdown file in it or below it.
    case noMarkdown(folder: String)
    /// The system refused to read; the reason is its own.
    case unreadable(path: String, reason: String)
    /// A pipe, a device or the like, which may never come to an end.
    case notAFile(path: String)
    /// Longer than anybody writes a document.
    case tooLong(path: String, byteCount: Int)
    /// The file is not UTF-8 from this line on.
    case notUTF8(path: String, line: Int)
    /// The system refused to write; the reason is its own.
    case unwritable(path: String, reason: String)

    /// The most bytes of a document.
    static let limit = 16 << 20

    /// One line that names the path.
    package var description: String {
        switch self {
        case .missing(let path): "\(path): no such file or folder"
        case .noMarkdown(let folder): "\(folder): no file here ends in .md"
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .notAFile(let path): "\(path): not a regular file"
        case .tooLong(let path, let count):
            "\(path): \(count) bytes are too many; a document has at most \(Self.limit)"
        case .notUTF8(let path, let line): "\(path):\(line): not UTF-8"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        }
    }
}

/// The one place of this target that reaches the file system.
enum TextFiles {
    /// The files that the paths name: a file stands for itself, a folder for every `.md` file in
    /// and below it in byte order. Names that begin with a dot and linked folders are left out; a
    /// file named twice counts once.
    static func markdownFiles(at paths: [String]) throws(TextFileError) -> [String] {
        var files: [String] = []
        for path in paths {
            var found = [path]
            if try isFolder(path) {
                found = try markdownFiles(below: withoutSlash(path))
                if found.isEmpty { throw .noMarkdown(folder: path) }
            }
            files += found.filter { !files.contains($0) }
        }
        return files
    }

    static func text(of path: String) throws(TextFileError) -> String {
        // Not to wait for a pipe's other end.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .unreadable(path: path, reason: reason) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .unreadable(path: path, reason: reason) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || kind == S_IFDIR else { throw .notAFile(path: path) }
        guard status.st_size <= TextFileError.limit else {
            throw .tooLong(path: path, byteCount: Int(status.st_size))
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count < 0 { throw .unreadable(path: path, reason: reason) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw .notUTF8(path: path, line: bad + 1)
    }

    /// Replaces the file as a whole: a new file is written beside it and renamed onto it. A link
    /// stays a link, and the mode stays as it was.
    static func replace(_ path: String, with text: String) throws(TextFileError) {
        let target = absolutePath(path)
        let fresh = target + ".update"
        var status = stat()
        guard stat(target, &status) == 0 else { throw .unwritable(path: path, reason: reason) }
        let file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unwritable(path: path, reason: reason) }
        let isWritten =
            writeAll(Array(text.utf8), to: file) && fchmod(file, status.st_mode & 0o7777) == 0
            && fsync(file) == 0
        guard close(file) == 0, isWritten, rename(fresh, target) == 0 else {
            let error = TextFileError.unwritable(path: path, reason: reason)
            unlink(fresh)
            throw error
        }
    }

    /// The path without links; as it is when there is nothing there.
    static func absolutePath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension TextFiles {
    /// What the system says about the call that just failed.
    private static var reason: String { String(cString: strerror(errno)) }

    private static func isFolder(_ path: String) throws(TextFileError) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        throw errno == ENOENT ? .missing(path: path) : .unreadable(path: path, reason: reason)
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func markdownFiles(below folder: String) throws(TextFileError) -> [String] {
        var files: [String] = []
        for name in try names(in: folder) where !name.hasPrefix(".") {
            let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            if try isFolder(path) {
                if !isLink(path) { files += try markdownFiles(below: path) }
            } else if name.hasSuffix(".md") {
                files.append(path)
            }
        }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func names(in folder: String) throws(TextFileError) -> [String] {
        guard let listing = opendir(folder) else {
            throw .unreadable(path: folder, reason: reason)
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func withoutSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
