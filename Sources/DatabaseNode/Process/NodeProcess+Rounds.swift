package import LabClock
import Network
import Replication
import Storage
import WALFormat

/// What a running node is, apart from time and from who is connected to it.
package struct NodeMoment: Hashable {
    private let process: ObjectIdentifier
    private let state: NodeState
    private let settings: NodeSettings
    private let history: TimelineHistory
    private let timeline: Timeline
    private let inserted: LSN
    private let flushed: LSN
    private let redo: LSN
    private let oldestSegment: UInt64
    private let slots: SlotTable

    fileprivate init(_ process: NodeProcess) {
        self.process = ObjectIdentifier(process)
        state = process.state
        settings = process.settings
        history = process.history
        timeline = process.logTimeline
        inserted = process.database.insertLSN
        flushed = process.flushLSN
        redo = process.redo
        oldestSegment = process.oldestSegment
        slots = process.slots
    }
}

/// What a node's end of a stream is, its times seen from now.
package struct SenderMoment: Hashable {
    private let id: Int
    private let conversation: ReplicationConversation
    private let progress: SenderProgress
    private let timeLeft: Duration?

    fileprivate init?(_ backend: Backend, since start: LabInstant) {
        let now = LabTime.postgres(backend.process.now)
        guard var conversation = backend.sender,
            conversation.postpone(by: -now.microseconds, since: LabTime.postgres(start))
        else { return nil }
        id = backend.id
        self.conversation = conversation
        progress = backend.progress
        timeLeft = backend.deadline?.timeLeft
    }
}

// A node whose streams go round.
extension NodeProcess {
    /// Nil: it is on its way to be something else.
    package var moment: NodeMoment? {
        switch life {
        case .running: NodeMoment(self)
        case .promoting, .stopping: nil
        }
    }

    /// Its ends of the streams to one of the lab's replicas; nil: one of them is busy.
    package func senderMoments(
        for replica: String, since start: LabInstant
    ) -> [SenderMoment]? {
        let senders = senders(for: replica)
        let moments = senders.compactMap { SenderMoment($0, since: start) }
        return moments.count == senders.count ? moments : nil
    }

    /// The timers they have set.
    package func senderTimers(for replica: String) -> [TimerQueue<() -> Void>.Token] {
        senders(for: replica).compactMap(\.deadline?.token)
    }

    /// Makes everything that has happened to them since then, and all that is due, so much later.
    package func postponeSenders(
        for replica: String, by duration: Duration, since start: LabInstant
    ) {
        for sender in senders(for: replica) { sender.postpone(by: duration, since: start) }
    }

    private func senders(for replica: String) -> [Backend] {
        senders.filter { $0.connection.isInternal && $0.applicationName == replica }
    }
}

extension Backend {
    fileprivate func postpone(by duration: Duration, since start: LabInstant) {
        guard case .sender(var conversation) = mode else { return }
        let span = duration.wholeNanoseconds / 1_000
        guard conversation.postpone(by: span, since: LabTime.postgres(start)) else { return }
        mode = .sender(conversation)
        deadline?.postpone(by: duration)
    }
}
