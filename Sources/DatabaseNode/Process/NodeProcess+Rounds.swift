package import LabClock
package import Network
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

/// What a node's end of a connection of a replica's is, its times seen from now.
package struct SenderMoment: Hashable {
    private enum Role: Hashable {
        /// Its first word has not come. Each is like the others, and in a round others come.
        case newcomer
        case sender(id: Int, ReplicationConversation, SenderProgress)
    }

    private let role: Role
    private let timeLeft: Duration?

    fileprivate init?(_ backend: Backend, since start: LabInstant) {
        timeLeft = backend.deadline?.timeLeft
        guard var conversation = backend.sender else {
            role = .newcomer
            return
        }
        let now = LabTime.postgres(backend.process.now)
        guard conversation.postpone(by: -now.microseconds, since: LabTime.postgres(start)) else {
            return nil
        }
        var progress = backend.progress
        progress.tracker.postpone(by: -now.microseconds, since: LabTime.postgres(start))
        role = .sender(id: backend.id, conversation, progress)
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

    /// Its ends of the connections of one of the lab's replicas; nil: one of them is busy.
    package func senderMoments(
        for replica: String, over link: Link, since start: LabInstant
    ) -> [SenderMoment]? {
        let senders = senders(for: replica, over: link)
        let moments = senders.compactMap { SenderMoment($0, since: start) }
        return moments.count == senders.count ? moments : nil
    }

    /// The timers they have set.
    package func senderTimers(
        for replica: String, over link: Link
    ) -> [TimerQueue<() -> Void>.Token] {
        senders(for: replica, over: link).compactMap(\.deadline?.token)
    }

    /// Makes everything that has happened to them since then, and all that is due, so much later.
    package func postponeSenders(
        for replica: String, over link: Link, by duration: Duration, since start: LabInstant
    ) {
        for sender in senders(for: replica, over: link) {
            sender.postpone(by: duration, since: start)
        }
    }

    /// In the order in which they came. Who has not said its name is known by the wire.
    private func senders(for replica: String, over link: Link) -> [Backend] {
        backends.keys.sorted().compactMap { backends[$0] }.filter { backend in
            guard backend.connection.isInternal else { return false }
            return backend.isNewcomer
                ? link.carries(backend.connection)
                : backend.sender != nil && backend.applicationName == replica
        }
    }
}

extension Backend {
    fileprivate func postpone(by duration: Duration, since start: LabInstant) {
        if isNewcomer { deadline?.postpone(by: duration) }
        guard case .sender(var conversation) = mode else { return }
        let span = duration.wholeNanoseconds / 1_000
        guard conversation.postpone(by: span, since: LabTime.postgres(start)) else { return }
        mode = .sender(conversation)
        progress.tracker.postpone(by: span, since: LabTime.postgres(start))
        deadline?.postpone(by: duration)
    }
}
