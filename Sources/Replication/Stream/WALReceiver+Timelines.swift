public import WALFormat
import WireProtocol

// Which timeline to ask for, and where it leads.
extension WALReceiver {
    /// The next timeline has begun on disk.
    ///
    /// It counts even if the connection went meanwhile: the own log is on that timeline now.
    public mutating func timelineSwitched(to next: Timeline, now: PostgresTime) -> [Action] {
        self.now = now
        guard let fork = pendingSwitch, fork.timeline == next else { return [] }
        pendingSwitch = nil
        self.next.timeline = next
        self.next.lsn = max(receivedLSN, fork.switchpoint)
        guard case .switching = phase else { return [] }
        // While the own disk was busy the upstream had nothing to say.
        silence.received(at: now)
        return [.report(.followed(next, from: receivedLSN))] + startStreaming()
    }

    mutating func identified(_ reply: IdentifySystemReply) -> [Action] {
        if let refusal = refusal(by: reply.systemIdentifier, on: reply.timeline) {
            return cannotFollow(refusal)
        }
        // What is not durable yet is asked for again, as after a crash.
        self.next.lsn = flushLSN
        return reply.timeline == timeline ? startStreaming() : ask(.history(reply.timeline))
    }

    mutating func historyArrived(
        _ asked: Timeline, _ reply: TimelineHistoryReply
    ) -> [Action] {
        guard reply.fileName == TimelineHistory.fileName(asked) else {
            return violation("the history file \(reply.fileName) for timeline \(asked)")
        }
        let text = String(decoding: reply.content, as: UTF8.self)
        guard let history = try? TimelineHistory(parsing: text),
            history.entries.allSatisfy({ $0.timeline < asked })
        else { return violation("a history of timeline \(asked) that is none") }
        // The disk may have caught up since the system was identified.
        self.next.lsn = max(receivedLSN, flushLSN)
        if let refusal = refusal(by: asked, history) { return cannotFollow(refusal) }
        upstream = Ancestry(timeline: asked, history: history)
        phase = .storingHistory(asked)
        return [.storeHistory(asked, history)]
    }

    /// The history is on disk. PostgreSQL: `WalRcvFetchTimeLineHistoryFiles`, before the stream: a
    /// node that is on a timeline has its history.
    public mutating func historyStored(_ stored: Timeline, now: PostgresTime) -> [Action] {
        self.now = now
        guard phase == .storingHistory(stored) else { return [] }
        silence.received(at: now)
        return startStreaming()
    }

    /// The upstream has no more WAL of this timeline.
    mutating func timelineEnded(_ reply: EndOfStreamReply) -> [Action] {
        guard case .timelineEnded(let next, let fork) = reply, next > timeline else {
            return violation("timeline \(timeline) ended without a next one")
        }
        guard fork >= receivedLSN else { return diverged(at: fork, next) }
        guard fork == receivedLSN else {
            return violation("timeline \(next) from \(fork) after WAL up to \(receivedLSN)")
        }
        guard let upstream, upstream.timeline >= next else { return ask(.history(next)) }
        guard upstream.history.successor(of: timeline, current: upstream.timeline) == next,
            upstream.history.switchpoint(of: timeline) == fork
        else { return violation("timeline \(next) from \(fork), which its history denies") }
        phase = .syncing(
            Fork(timeline: next, switchpoint: fork, history: upstream.history.cut(to: next)))
        return switchWhenDurable()
    }

    mutating func switchWhenDurable() -> [Action] {
        guard case .syncing(let fork) = phase, flushLSN >= fork.switchpoint else { return [] }
        phase = .switching
        pendingSwitch = fork
        return [.switchTimeline(fork.timeline, fork.history)]
    }

    private mutating func startStreaming() -> [Action] {
        // A switch that an earlier connection asked for comes first.
        guard pendingSwitch == nil else {
            phase = .switching
            return []
        }
        phase = .starting(PartialAnswer())
        return send(.startReplication(slot: slot, at: receivedLSN, timeline: timeline))
    }

    private mutating func diverged(at fork: LSN, _ upstream: Timeline) -> [Action] {
        cannotFollow(
            .diverged(own: receivedLSN, timeline: timeline, fork: fork, upstream: upstream))
    }
}

// Whom it can follow.
extension WALReceiver {
    /// Why an upstream that is like this cannot be followed; nil if it can, as far as one can tell
    /// before the stream.
    public func refusal(by server: WALSender.Server) -> Refusal? {
        refusal(by: server.systemIdentifier, on: server.timeline)
            ?? (server.timeline == timeline ? nil : refusal(by: server.timeline, server.history))
    }

    private func refusal(by cluster: UInt64, on upstream: Timeline) -> Refusal? {
        guard cluster == systemIdentifier else {
            return .otherCluster(own: systemIdentifier, theirs: cluster)
        }
        return upstream < timeline ? .notAnAncestor(own: timeline, upstream: upstream) : nil
    }

    private func refusal(by upstream: Timeline, _ history: TimelineHistory) -> Refusal? {
        guard let fork = history.switchpoint(of: timeline) else {
            return .notAnAncestor(own: timeline, upstream: upstream)
        }
        guard receivedLSN > fork else { return nil }
        return .diverged(own: receivedLSN, timeline: timeline, fork: fork, upstream: upstream)
    }
}
