/// Makes a standby of a primary that is down: lays `standby.signal` into its directory, as a person
/// does for PostgreSQL. Its log stays as it is; at the next start recovery ends at the log's end
/// without a record of its own, and waits there for another's.
///
/// - One file is written, in one step: the directory is a primary's before it and a standby's
///   after it.
/// - The file says in words that it was a primary's: control data that say so as well are no sign
///   of a `backup_label` that was lost.
public struct StandbySetting: Sendable {
    static let ofPrimary = Array("this node was a primary when it went down\n".utf8)

    private let fileSystem: any FileSystem

    /// Of the directory of a node that is down.
    public init(_ fileSystem: any FileSystem) {
        self.fileSystem = fileSystem
    }

    /// Lays the file, if it is not there yet.
    public func set() throws(OpenFailure) {
        try opening { () throws(IOFailure) in
            let lock = try fileSystem.lock(DirectoryLayout.lock)
            defer { withExtendedLifetime(lock) {} }
            guard try !fileSystem.exists(DirectoryLayout.standbySignal) else { return }
            try fileSystem.replace(DirectoryLayout.standbySignal, with: Self.ofPrimary)
        }
    }

    /// Takes it away again, as long as no start has believed it.
    public func takeBack() throws(OpenFailure) {
        let control = try ControlData(reading: fileSystem)
        guard !control.state.isStandby else { return }
        try opening { () throws(IOFailure) in
            let lock = try fileSystem.lock(DirectoryLayout.lock)
            defer { withExtendedLifetime(lock) {} }
            guard try fileSystem.exists(DirectoryLayout.standbySignal) else { return }
            try fileSystem.remove(DirectoryLayout.standbySignal)
            try fileSystem.syncDirectory("")
        }
    }

    /// Whether a primary was made a standby here that has not run as one yet.
    static func isSet(_ fileSystem: any FileSystem) throws(OpenFailure) -> Bool {
        try opening { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(of: DirectoryLayout.standbySignal) == ofPrimary
        }
    }
}
