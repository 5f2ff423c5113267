import Network
import Replication
import SQLServer
import WALFormat
import WireProtocol

// What the views of a node show: values read from its machines.

extension Backend {
    /// What `pg_stat_replication` shows of it; nil if it is no WAL sender.
    var statistics: WALSenderStatistics? {
        guard let sender else { return nil }
        var statistics = WALSenderStatistics(
            processID: id, user: user, applicationName: applicationName,
            clientPort: connection.peerPort, startedAt: progress.startedAt,
            state: sender.standing.rawValue, sent: sender.sentLSN, reported: sender.reported)
        statistics.writeLag = progress.tracker.lags.write
        statistics.flushLag = progress.tracker.lags.flush
        statistics.replayLag = progress.tracker.lags.replay
        return statistics
    }
}

extension Standby {
    /// What `pg_stat_wal_receiver` shows of it; nil while nothing is received.
    var statistics: WALReceiverStatistics? {
        guard let status else { return nil }
        return WALReceiverStatistics(
            status: status, start: resumption?.lsn, timeline: receiver.timeline,
            written: receiver.writeLSN, flushed: receiver.flushLSN, slot: receiver.slot)
    }

    private var status: String? {
        switch receiver.phase {
        case .idle, .dialling, .greeting, .waiting: nil
        case .asking, .storingHistory, .starting, .streaming: "streaming"
        case .endingTimeline, .syncing: "waiting"
        case .switching, .flushing: "restarting"
        }
    }
}

extension Retention.SlotForecast {
    /// What `pg_replication_slots` shows of it.
    var statistics: SlotStatistics {
        SlotStatistics(
            name: slot.name, isTemporary: slot.isTemporary,
            activeProcessID: slot.owner.map { Int($0) }, restartLSN: slot.restartLSN,
            walStatus: status?.rawValue, safeByteCount: safeByteCount)
    }
}
