public import WireProtocol

// A base backup, from the shell's answers to what the client gets.
extension ReplicationConversation {
    mutating func beginBackup(_ options: BaseBackupOptions) -> [Action] {
        if let error = BaseBackup.refusal(of: options) { return refuse(error) }
        phase = .beginningBackup(options)
        return [.beginBackup(label: options.label, isFast: options.fastCheckpoint)]
    }

    /// The checkpoint is complete and the files are listed.
    public mutating func backupBegun(
        _ start: BaseBackup.Start, server: WALSender.Server
    ) -> [Action] {
        guard case .beginningBackup(let options) = phase else { return [] }
        if let error = BaseBackup.nameTooLong(start.files) { return backupFailed(error) }
        let backup = BaseBackup(
            options, start: start, segmentSize: server.segmentSize, now: server.now)
        phase = .backup(backup)
        return backup.greeting.map(Action.send) + backup.opening.map(Action.backup)
    }

    /// A piece of a file, as much of it as there was; nil if there is no such file any more.
    public mutating func fileRead(_ bytes: [UInt8]?, server: WALSender.Server) -> [Action] {
        withBackup { $0.fileRead(bytes, now: server.now) }
    }

    /// The log up to the backup's end is durable.
    public mutating func backupEnded(_ end: BaseBackup.End) -> [Action] {
        var error: ServerError?
        _ = withBackup {
            error = $0.ended(end)
            return []
        }
        return error.map { backupFailed($0) } ?? []
    }

    /// The backup cannot begin or go on.
    public mutating func backupFailed(_ error: ServerError) -> [Action] {
        switch phase {
        case .beginningBackup, .backup:
            phase = .idle
            return refuse(error)
        case .idle, .awaitingSlot, .streaming, .closed:
            return []
        }
    }

    mutating func pumpBackup(server: WALSender.Server, room: Int) -> [Action] {
        withBackup { $0.pump(now: server.now, room: room) }
    }

    private mutating func withBackup(
        _ event: (inout BaseBackup) -> [BaseBackup.Action]
    ) -> [Action] {
        guard case .backup(var backup) = phase else { return [] }
        // While it changes it belongs to nobody else, or each change would copy its lists.
        phase = .idle
        let actions = event(&backup).map(Action.backup)
        guard backup.step == .finished else {
            phase = .backup(backup)
            return actions
        }
        return actions + backup.goodbye.map(Action.send)
    }

    /// How far a base backup has got, of how much; nil when none is under way.
    public var backupProgress: (sentByteCount: Int, expectedByteCount: Int)? {
        switch phase {
        case .backup(let backup): (backup.sentByteCount, backup.expectedByteCount)
        case .idle, .awaitingSlot, .beginningBackup, .streaming, .closed: nil
        }
    }
}
