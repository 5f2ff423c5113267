public import WALFormat
public import WireProtocol

/// The server's side of one replication connection: it answers the replication commands, and holds
/// what a command begins, a stream of WAL (`WALSender`) or a base backup (`BaseBackup`). Pure: no
/// socket, no disk, no clock. PostgreSQL: `exec_replication_command`.
///
/// - One command at a time: while it `isBusy` the next one has to wait.
/// - A slot is asked for before its stream begins, and let go of when that has ended or failed.
public struct ReplicationConversation: Hashable, Sendable {
    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Send a message.
        case send(BackendMessage)
        /// Bring this timeline's history; no further command before `historyRead` is the answer.
        case readHistory(Timeline)
        /// Look up a setting of the server. Answer with `settingRead`.
        case readSetting(String)
        /// Send what was given, then close the connection.
        case close

        /// A stream is about to begin: ask `SenderRegistry.claim`, and call `replaced` of the older
        /// connection it gives, before going on.
        case claimStream
        /// The stream begins: the client may send CopyData and CopyDone, and no commands.
        case enterCopyBoth
        /// What the stream wants.
        case stream(WALSender.Action)
        /// The stream is over: the client may send commands.
        case leaveCopyBoth

        /// Ask the server's slots: `SlotTable.perform`. No further command before `slotAnswered`,
        /// which is called when the files of the effects are durable.
        case slot(SlotRequest)
        /// The stream that used a slot has ended: `SlotTable.release`.
        case releaseSlot
        /// A command failed: `SlotTable.cleanUp`.
        case cleanUpSlots

        /// Take a checkpoint and list the files. Answer with `backupBegun` or `backupFailed`.
        case beginBackup(label: String, isFast: Bool)
        /// What the base backup wants.
        case backup(BaseBackup.Action)

        /// Tell the learner.
        case report(WALSender.Event)
    }

    /// Where the conversation stands.
    public enum Phase: Hashable, Sendable {
        /// Between commands.
        case idle
        /// The slots were asked for the sake of this command.
        case awaitingSlot(ReplicationCommand)
        /// A base backup was asked for and has not begun.
        case beginningBackup(BaseBackupOptions)
        /// A base backup is being sent.
        case backup(BaseBackup)
        /// WAL is being sent.
        case streaming(WALSender)
        /// The connection is given up.
        case closed
    }

    /// Where the conversation stands.
    public internal(set) var phase: Phase = .idle
    /// What the replica last said it has, in the present stream or the last; nil before that.
    public internal(set) var reported: StandbyStatus?
    /// A slot may be this connection's: it is let go of if a command fails.
    var mayHoldSlot = false

    /// A conversation with a client that was just let in.
    public init() {}

    /// The stream under way, if there is one.
    public var sender: WALSender? {
        switch phase {
        case .streaming(let sender): sender
        case .idle, .awaitingSlot, .beginningBackup, .backup, .closed: nil
        }
    }

    /// Handed to the socket up to here; nil when nothing streams.
    public var sentLSN: LSN? {
        sender.flatMap { $0.isStreaming ? $0.sent : nil }
    }

    /// What the client is being given.
    public var standing: WALSender.Standing {
        switch phase {
        case .streaming(let sender): sender.standing
        case .beginningBackup, .backup: .backup
        case .idle, .awaitingSlot, .closed: .startup
        }
    }

    /// Whether the client's next command has to wait for the present one's answer.
    public var isBusy: Bool {
        switch phase {
        case .awaitingSlot, .beginningBackup, .backup: true
        case .idle, .streaming, .closed: false
        }
    }

    /// Whether a stopping server may go: nothing is left that this client has not confirmed.
    public var isFinished: Bool { phase == .closed }

    // MARK: Commands

    /// The client sent a command. During a stream it cannot: its decoder lets none through. While
    /// the conversation `isBusy` the shell holds it back.
    public mutating func commandReceived(
        _ command: ReplicationCommand, server: WALSender.Server
    ) -> [Action] {
        guard case .idle = phase else { return [] }
        switch command {
        case .identifySystem:
            return reply(
                IdentifySystemReply(
                    systemIdentifier: server.systemIdentifier, timeline: server.timeline,
                    flushLSN: server.flushLSN
                ).messages)
        case .showParameter(let name):
            return [.readSetting(name)]
        case .timelineHistory(let timeline):
            return [.readHistory(timeline)]
        case .startReplication(nil, let start, let timeline):
            return [.claimStream]
                + startReplication(at: start, timeline, slot: nil, server: server)
        case .startReplication(let slot?, _, _):
            return [.claimStream] + ask(.acquire(name: slot), for: command)
        case .createPhysicalSlot(let name, let isTemporary, let reservesWAL):
            return ask(
                .create(name: name, isTemporary: isTemporary, reservesWAL: reservesWAL),
                for: command)
        case .readSlot(let name):
            return ask(.read(name: name), for: command)
        case .dropSlot(let name, let waits):
            return ask(.drop(name: name, waits: waits), for: command)
        case .baseBackup(let options):
            return beginBackup(options)
        }
    }

    /// A setting was looked up: its name as PostgreSQL writes it and its value, or nil: there is
    /// none of this name.
    public mutating func settingRead(_ name: String, _ reply: ShowReply?) -> [Action] {
        guard case .idle = phase else { return [] }
        guard let reply else { return refuse(Self.unknownParameter(name)) }
        return self.reply(reply.messages)
    }

    /// A timeline's history was brought; nil: there is none. Or the disk could not be read.
    public mutating func historyRead(
        _ timeline: Timeline, _ result: Result<TimelineHistory?, ServerError>
    ) -> [Action] {
        guard case .idle = phase else { return [] }
        let history: TimelineHistory
        switch result {
        case .success(let found?): history = found
        case .success(nil): return refuse(Self.noHistory(timeline))
        case .failure(let error): return refuse(error)
        }
        return reply(
            TimelineHistoryReply(
                fileName: TimelineHistory.fileName(timeline),
                content: Array(history.description.utf8)
            ).messages)
    }
}
