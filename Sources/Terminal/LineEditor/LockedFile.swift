import Glibc

/// A file open under an exclusive lock, created if need be: what one lab does to the shared history
/// at a time.
///
/// Replacing is done by renaming, so another lab may hold a lock on a file that has no name any
/// more; opening looks whether the path still leads to the file that it locked.
struct LockedFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Opens and locks; `nil` with `errno` when that cannot be done.
    init?(_ path: String) {
        for _ in 0..<10 {
            let opened = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard opened >= 0 else { return nil }
            if flock(opened, LOCK_EX) == 0, Self.leads(path, to: opened) {
                self.path = path
                descriptor = opened
                return
            }
            close(opened)
        }
        return nil
    }

    deinit {
        close(descriptor)
    }

    private static func leads(_ path: String, to descriptor: Int32) -> Bool {
        var named = stat()
        var held = stat()
        guard stat(path, &named) == 0, fstat(descriptor, &held) == 0 else { return false }
        return named.st_dev == held.st_dev && named.st_ino == held.st_ino
    }

    /// All bytes, or as many as can be read.
    func contents() -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = Descriptor.read(descriptor, upTo: 65_536), !chunk.isEmpty {
            bytes += chunk
        }
        return bytes
    }

    /// Adds text at the end; a failure leaves the file as it is.
    func append(_ text: String) {
        Descriptor.write(Array(text.utf8), to: descriptor)
    }

    /// Puts a new file in place of this one, or changes nothing.
    func replaceContents(with text: String) {
        let temporary = path + ".new"
        let opened = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard opened >= 0 else { return }
        let isWritten = Descriptor.write(Array(text.utf8), to: opened)
        close(opened)
        if !isWritten || rename(temporary, path) != 0 { unlink(temporary) }
    }
}
