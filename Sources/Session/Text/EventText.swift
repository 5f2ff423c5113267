internal import Cluster
internal import CommandLanguage
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
        case .receiver(let said): text(said, upstream: upstream(of: event.node, in: snapshot))
        case .sender(let replica, let said):
            text(said, client: replica.isEmpty ? "a client" : replica.escapedForDisplay)
        case .recovered(let report): ([report.text] + report.remarks).joined(separator: "; ")
        case .diskFailed(let failure):
            "its disk failed: \(failure.description.escapedForDisplay); "
                + "it acknowledges nothing any more"
        case .diskFull: "its disk is full; it takes no more WAL, and serves reads"
        case .diskHasRoom: "its disk has room again; it goes on where it stopped"
        case .replayStopped(let lsn, let reason):
            "replay stopped at \(lsn): \(reason.escapedForDisplay)"
        case .backup(let said): BackupText.event(said)
        case .connectionRefused(let reason): "ended a connection: \(reason.escapedForDisplay)"
        }
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

    private static func text(_ said: WALReceiver.Event, upstream: String) -> String {
        switch said {
        case .streaming(let lsn, _): "streaming from \(upstream) again, from \(lsn)"
        case .disconnected(let delay):
            "lost its connection to \(upstream); tries again in \(delay.text)"
        case .timedOut(let silence):
            "heard nothing from \(upstream) for \(silence.text) and gave the connection up "
                + "(wal_receiver_timeout)"
        case .refused(let error):
            "\(upstream) refused: \(error.message.escapedForDisplay) (\(error.code.code))"
        case .stopped(let refusal): "cannot follow: \(refusal.text)"
        case .followed(let timeline, let lsn): "followed to timeline \(timeline) at \(lsn)"
        case .protocolViolation(let reason):
            "hung up on \(upstream): \(reason.escapedForDisplay)"
        }
    }
}
