internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import LabClock
internal import Replication
internal import Storage
internal import WALFormat
internal import WireProtocol

/// Events in sentences: `03:00:05.000 r1: streaming again from 0/100170`.
enum EventText {
    /// A line each, in the order given.
    static func lines(_ events: [LabEvent], in snapshot: LabSnapshot) -> [String] {
        events.map { "\($0.time.text) \($0.node): \(text($0, in: snapshot))" }
    }

    private static func text(_ event: LabEvent, in snapshot: LabSnapshot) -> String {
        switch event.kind {
        case .node(let said): text(said, on: event.node, in: snapshot)
        case .recovered(let report): ([report.text] + report.remarks).joined(separator: "; ")
        case .foundDamaged(let failure):
            "cannot be opened: \(failure.description.escapedForDisplay); "
                + remedy(for: event.node, in: snapshot)
        case .foundShort(let count):
            "its log ends at \(event.lsn), before \(CountText.of(count, "commit")) that clients "
                + "were told of; 'lost' names them"
        case .lag(let alarm): alarm.text
        case .monitor(let said): said.text
        case .clients(let said): said.text
        case .read(let said): said.text
        case .crashed(let report, let stage): CrashText.event(report, after: stage, of: event.lsn)
        case .backup(let said): BackupText.event(said)
        case .postgres(let said):
            PostgresText.event(said, by: event.node, of: upstream(of: event.node, in: snapshot))
        }
    }

    private static func text(
        _ said: NodeEvent, on node: String, in snapshot: LabSnapshot
    ) -> String {
        switch said {
        case .receiver(let said): text(said, by: node, upstream: upstream(of: node, in: snapshot))
        case .sender(let replica, let said):
            text(said, client: replica.isEmpty ? "a client" : replica.escapedForDisplay)
        case .diskFailed(let failure):
            "its disk failed: \(failure.description.escapedForDisplay); "
                + "it acknowledges nothing any more"
        case .diskFull: "its disk is full; it takes no more WAL, and serves reads"
        case .diskHasRoom: "its disk has room again; it goes on where it stopped"
        case .walRemoved(let count, let recycled, let start):
            letGo(count - recycled, recycled) + "; its log begins at \(start) now"
        case .slotLost(let name, let start):
            "slot \(name) held back too much and is lost: WAL from \(start) on is kept no longer"
        case .replayStopped(let lsn, let reason):
            "replay stopped at \(lsn): \(reason.escapedForDisplay)"
        case .replayWaits(let readers, let limit):
            "replay waits for \(CountText.of(readers, "reader")) of rows vacuumed, "
                + (limit.map { "till \($0.text)" } ?? "as long as it takes")
        case .readersCancelled(let count):
            "\(CountText.of(count, "reader")) cancelled, for replay to go on"
        case .leaseEnded: "its lease has ended: it takes no writes, and no OK leaves it"
        case .connectionRefused(let reason): "ended a connection: \(reason.escapedForDisplay)"
        }
    }

    private static func letGo(_ removed: Int, _ recycled: Int) -> String {
        switch (removed, recycled) {
        case (_, 0): "removed \(CountText.of(removed, "segment")) of WAL"
        case (0, _): "recycled \(CountText.of(recycled, "segment")) of WAL"
        default: "removed \(CountText.of(removed, "segment")) of WAL and recycled \(recycled)"
        }
    }

    /// What to type about a node whose files are of no use.
    private static func remedy(for node: String, in snapshot: LabSnapshot) -> String {
        let replica = snapshot.nodes.first { $0.isUp && $0.isStandby }
        guard node == snapshot.primary, let replica else { return "basebackup \(node)" }
        return "promote \(replica.name)"
    }

    private static func upstream(of node: String, in snapshot: LabSnapshot) -> String {
        switch snapshot[node]?.role {
        case .standby(let upstream): upstream
        case .primary, nil: "its upstream"
        }
    }

    private static func text(_ said: WALSender.Event, client: String) -> String {
        switch said {
        case .timedOut(let silence):
            "heard nothing from \(client) for \(silence.text) and gave the connection up "
                + "(wal_sender_timeout)"
        case .replaced: "\(client) has connected again; its old connection is dropped"
        }
    }

    private static func text(
        _ said: WALReceiver.Event, by replica: String, upstream: String
    ) -> String {
        switch said {
        case .streaming(let lsn, _): "streaming from \(upstream) again, from \(lsn)"
        case .disconnected(let delay):
            "lost its connection to \(upstream); tries again in \(delay.text)"
        case .timedOut(let silence):
            "heard nothing from \(upstream) for \(silence.text) and gave the connection up "
                + "(wal_receiver_timeout)"
        case .refused(let error):
            "\(upstream) refused: \(error.message.escapedForDisplay) (\(error.code.code))"
                + (error.remedy(for: replica, of: upstream).map { "; \($0)" } ?? "")
        case .stopped(let refusal): "cannot follow: \(refusal.text)"
        case .followed(let timeline, let lsn): "followed to timeline \(timeline) at \(lsn)"
        case .protocolViolation(let reason):
            "hung up on \(upstream): \(reason.escapedForDisplay)"
        }
    }
}

extension ServerError {
    /// The command that helps a replica whose stream was refused so; nil if none is known.
    func remedy(for replica: String, of upstream: String) -> String? {
        switch code {
        case .undefinedFile where message.hasSuffix("has already been removed"):
            return "basebackup \(replica)"
        case .undefinedObject where message.hasPrefix("replication slot "):
            let parts = message.split(separator: "\"")
            return parts.count == 3 ? "slot create \(parts[1]) \(upstream)" : nil
        default: return nil
        }
    }
}
