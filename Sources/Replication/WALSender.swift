public import WALFormat
public import WireProtocol

/// The upstream's side of one replication connection: answers the replication commands and
/// streams WAL. Pure: no socket, no disk, no clock.
///
/// PostgreSQL: `walsender.c`. Its positions keep PostgreSQL's names: `sent` is what was handed to
/// the socket; `write`, `flush` and `apply` are what the replica last reported. The server may be
/// a primary or a standby; of the latter, too, only what is flushed is sent.
///
/// - Only flushed WAL is sent, and never past the point where its timeline was left.
/// - One read of the log is under way at a time, so what is buffered is bounded.
/// - A record is cut at page edges only, and the pieces fit without a gap.
/// - A stopping server asks for a confirmation once, and again only after WAL or word has moved.
/// - A slot is asked for before the stream begins, and let go of when it has ended.
/// - A stream whose client says nothing for `Server.timeout` is given up.
public struct WALSender: Hashable, Sendable {
    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Send a message.
        case send(BackendMessage)
        /// Send a piece of WAL as CopyData.
        case sendWAL(XLogData)
        /// Send a heartbeat as CopyData.
        case sendKeepalive(Keepalive)
        /// Read the server's log, along its own history. Answer with `walRead` or `readFailed`.
        case readWAL(from: LSN, upTo: LSN)
        /// Bring this timeline's history; no further command before `historyRead` is the answer.
        case readHistory(Timeline)
        /// Look up a setting of the server. Answer with `settingRead`.
        case readSetting(String)
        /// The stream begins: the client may send CopyData and CopyDone, and no commands.
        case enterCopyBoth
        /// The stream is over: the client may send commands.
        case leaveCopyBoth
        /// Send what was given, then close the connection.
        case close

        /// A stream is about to begin: ask `SenderRegistry.claim`, and call `replaced` of the older
        /// connection it gives, before going on.
        case claimStream
        /// Ask the server's slots: `SlotTable.perform`. No further command before `slotAnswered`,
        /// which is called when the files of the effects are durable.
        case slot(SlotRequest)
        /// The client has made WAL durable up to there: `SlotTable.confirm`.
        case confirmSlot(String, flushed: LSN)
        /// The stream that used a slot has ended: `SlotTable.release`.
        case releaseSlot
        /// A command failed: `SlotTable.cleanUp`.
        case cleanUpSlots

        /// Take a checkpoint and list the files. Answer with `backupBegun` or `backupFailed`.
        case beginBackup(label: String, isFast: Bool)
        /// Read a piece of a file of the data directory. Answer with `fileRead`, `backupFailed` if
        /// the disk fails.
        case readFile(path: String, from: Int, byteCount: Int)
        /// See to it that the log as it is now is durable. Answer with `backupEnded` or
        /// `backupFailed`.
        case endBackup
        /// Send a part of a base backup as CopyData.
        case sendBackup(BackupMessage)

        /// Tell the learner.
        case report(Event)
    }

    /// What a learner would want to read about.
    public enum Event: Hashable, Sendable {
        /// The client said nothing for so long; the connection is given up. PostgreSQL:
        /// "terminating walsender process due to replication timeout".
        case timedOut(after: Duration)
        /// The replica has connected anew; this connection is given up.
        case replaced
    }

    /// At most this much is read, and handed to the socket, in one go.
    public static let readByteCount = 1 << 20

    /// Where the conversation stands.
    public internal(set) var phase: Phase = .idle
    /// What the replica last said it has; nil before it said anything.
    public internal(set) var reported: StandbyStatus?
    /// The server is stopping: the connection ends once everything was confirmed.
    var isStopping = false
    /// A slot may be this connection's: it is let go of if a command fails.
    var mayHoldSlot = false

    /// A sender for a client that was just let in.
    public init() {}

    /// Handed to the socket up to here; nil when nothing streams.
    public var sentLSN: LSN? {
        switch phase {
        case .streaming(let stream): stream.sent
        case .idle, .awaitingSlot, .beginningBackup, .backup, .ending, .closed: nil
        }
    }

    /// Whether the client's next command has to wait for the present one's answer.
    public var isBusy: Bool {
        switch phase {
        case .awaitingSlot, .beginningBackup, .backup: true
        case .idle, .streaming, .ending, .closed: false
        }
    }

    /// Whether a stopping server may go: nothing is left that this client has not confirmed.
    public var isFinished: Bool { phase == .closed }

    // MARK: Commands

    /// The client sent a command. During a stream it cannot: its decoder lets none through. While
    /// the sender `isBusy` the shell holds it back.
    public mutating func commandReceived(
        _ command: ReplicationCommand, server: Server
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

    /// A timeline's history was brought, or nil: there is none.
    public mutating func historyRead(
        _ timeline: Timeline, _ history: TimelineHistory?
    ) -> [Action] {
        guard case .idle = phase else { return [] }
        guard let history else { return refuse(Self.noHistory(timeline)) }
        return reply(
            TimelineHistoryReply(
                fileName: TimelineHistory.fileName(timeline),
                content: Array(history.description.utf8)
            ).messages)
    }

    // MARK: The client's side of the stream

    /// The client said something inside the stream, or still says it after the stream has failed:
    /// that is dropped, as PostgreSQL drops it.
    public mutating func copyDataReceived(
        _ message: ReplicationMessage, server: Server
    ) -> [Action] {
        switch (message, phase) {
        case (_, .idle), (_, .closed), (_, .awaitingSlot), (_, .beginningBackup), (_, .backup):
            return []
        case (.hotStandbyFeedback, .streaming(var stream)):
            stream.silence.heard(at: server.now)
            phase = .streaming(stream)
            return []
        case (.hotStandbyFeedback, .ending):
            return []
        case (.statusUpdate(let status), .streaming(let stream)):
            return statusReceived(status, stream, server)
        case (.statusUpdate(let status), .ending(let next, var stream)):
            // No heartbeat may follow our CopyDone.
            reported = status
            stream.silence.heard(at: server.now)
            let confirmation = stream.confirm(status, server)
            phase = .ending(next: next, stream)
            return confirmation
        case (.xLogData, .streaming), (.keepalive, .streaming), (.xLogData, .ending),
            (.keepalive, .ending):
            // A client has no business sending these; PostgreSQL drops the link without a word.
            phase = .closed
            return [.close]
        }
    }

    /// The client ended its side of the stream.
    public mutating func copyDoneReceived() -> [Action] {
        switch phase {
        case .streaming(let stream):
            return [.send(.copyDone)] + streamEnded(stream, stream.end)
        case .ending(let next, let stream):
            return streamEnded(stream, next)
        case .idle, .awaitingSlot, .beginningBackup, .backup, .closed:
            return []
        }
    }
}
