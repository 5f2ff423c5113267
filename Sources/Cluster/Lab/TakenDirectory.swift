import Glibc
import Storage

/// The directory that a lab has taken for itself: it holds a lock in it, which it took before it
/// looked at anything else there, and keeps until it is closed. Of two labs begun at once on one
/// directory the second touches nothing.
///
/// ```
/// shiplog.lock        locked (flock) while a lab is open here
/// shiplog.temporary   that lock where the directory goes with the lab
/// ```
///
/// - A lock goes with its process, whatever ends it. So a directory with a `shiplog.temporary` that
///   nobody holds was a killed lab's, and the first lab of a later process removes it.
/// - What else lies in the directory is `LabDirectory`'s to know.
struct TakenDirectory {
    static let lockName = "shiplog.lock"
    static let temporaryLockName = "shiplog.temporary"

    let path: String
    let isTemporary: Bool
    let fileSystem: RealFileSystem
    private var lock: (any OpenFile)?

    /// Takes a directory that outlives the lab, and makes it if it is missing.
    ///
    /// - Parameter isFit: throws when the directory is none for a lab: before anything was made in
    ///   it, and again when nobody else can change it any more.
    init(
        _ path: String, ifFit isFit: (RealFileSystem) throws(LabFailure) -> Void
    ) throws(LabFailure) {
        self.path = path
        isTemporary = false
        fileSystem = try Self.using(path) { () throws(IOFailure) in
            try RealFileSystem(creating: path)
        }
        try isFit(fileSystem)
        do throws(IOFailure) {
            lock = try fileSystem.lock(Self.lockName)
        } catch {
            guard error.kind != .locked else { throw .isInUse(path: path) }
            throw .directory(path: path, reason: error.description)
        }
        try isFit(fileSystem)
    }

    /// Makes a directory that goes with the lab.
    init(temporaryIn parent: String) throws(LabFailure) {
        for _ in 0..<Self.tries {
            let path = try Self.makeTemporary(in: parent)
            do throws(IOFailure) {
                let fileSystem = try RealFileSystem(opening: path)
                let lock = try fileSystem.lock(Self.temporaryLockName)
                guard try fileSystem.exists(Self.temporaryLockName) else { continue }
                self.init(temporary: path, fileSystem, lock)
                return
            } catch {
                guard error.kind != .missing && error.kind != .locked else { continue }
                rmdir(path)
                throw .directory(path: path, reason: error.description)
            }
        }
        throw .directory(path: parent, reason: "what is made there is removed at once")
    }

    private init(temporary path: String, _ fileSystem: RealFileSystem, _ lock: any OpenFile) {
        (self.path, isTemporary) = (path, true)
        (self.fileSystem, self.lock) = (fileSystem, lock)
    }

    /// Another lab that begins may take one without a lock for a killed lab's, and remove it.
    private static let tries = 10

    /// Gives it back; a temporary one is gone then.
    mutating func giveBack() {
        if isTemporary { Self.remove(path, fileSystem) }
        lock = nil
    }

    static func using<Value>(
        _ path: String, _ body: () throws(IOFailure) -> Value
    ) throws(LabFailure) -> Value {
        do throws(IOFailure) { return try body() } catch {
            throw .directory(path: path, reason: error.description)
        }
    }
}

// Directories that go with their labs.
extension TakenDirectory {
    /// Where they are made.
    static var temporaryParent: String {
        guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/tmp" }
        return String(cString: folder)
    }

    private static let namePrefix = "shiplog-temporary-"
    /// What mkdtemp puts in the place of the Xs.
    private static let nameEnd = "XXXXXX"

    private static func makeTemporary(in parent: String) throws(LabFailure) -> String {
        var template = Array((parent + "/" + namePrefix + nameEnd).utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .directory(path: parent, reason: String(cString: strerror(errno)))
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes what killed labs of this user have left, once a process.
    static let removesRemains: Void = {
        guard let parent = try? RealFileSystem(opening: temporaryParent) else { return }
        for name in (try? parent.list("")) ?? []
        where name.hasPrefix(namePrefix) && name.utf8.count == (namePrefix + nameEnd).utf8.count {
            removeIfLeft(temporaryParent + "/" + name)
        }
    }()

    /// One without a lock in it is a lab's that is beginning, or that was killed just then: it goes
    /// if it is empty, and a lab that is beginning makes itself another.
    private static func removeIfLeft(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            status.st_uid == geteuid(), let fileSystem = try? RealFileSystem(opening: path)
        else { return }
        guard (try? fileSystem.exists(temporaryLockName)) == true else {
            rmdir(path)
            return
        }
        guard let lock = try? fileSystem.lock(temporaryLockName) else { return }
        withExtendedLifetime(lock) { remove(path, fileSystem) }
    }

    /// The lock is the last to go: who is killed meanwhile leaves what can be removed later.
    private static func remove(_ path: String, _ fileSystem: RealFileSystem) {
        for name in (try? fileSystem.list("")) ?? [] where name != temporaryLockName {
            removeTree(path + "/" + name)
        }
        try? fileSystem.remove(temporaryLockName)
        rmdir(path)
    }

    /// Removes a file, or a directory with all that is in it. A link is removed and not followed.
    static func removeTree(_ path: String) {
        var status = stat()
        guard Glibc.remove(path) != 0, lstat(path, &status) == 0,
            status.st_mode & S_IFMT == S_IFDIR, let directory = try? RealFileSystem(opening: path)
        else { return }
        for name in (try? directory.list("")) ?? [] { removeTree(path + "/" + name) }
        Glibc.remove(path)
    }
}
