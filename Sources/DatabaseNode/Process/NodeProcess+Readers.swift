import LabClock
import SQLServer
import Storage
import WALFormat

// Those who read from a snapshot, and a replay that comes upon them.
extension NodeProcess {
    /// Ends the readers that need what the log is about to take away. PostgreSQL:
    /// `CancelVirtualTransaction`.
    func cancelReaders(inTheWayOf wait: ReplayWait) {
        let sessions = snapshots.sessions(reading: wait.removed)
        report(database.insertLSN, .readersCancelled(count: sessions.count))
        for session in sessions {
            backends[session]?.conflictsWithRecovery()
            closeSnapshot(of: session)
        }
    }

    /// Replay has come upon readers that are in its way, and waits.
    func reportWait(_ wait: ReplayWait) {
        let sessions = snapshots.sessions(reading: wait.removed)
        let limit = wait.limit(settings[.maxStandbyStreamingDelay])
        report(database.insertLSN, .replayWaits(readers: sessions.count, until: limit))
    }

    /// Who reads here from snapshots; nil: nobody.
    package var readers: ReaderView? {
        guard let xmin = snapshots.xmin, let since = snapshots.oldest else { return nil }
        return ReaderView(count: snapshots.count, xmin: xmin, since: since)
    }

    /// What replay waits for; nil: for nothing, or it is a primary.
    package var replayHold: ReplayHold? {
        standby?.replay.wait.map { wait in
            ReplayHold(
                readers: snapshots.sessions(reading: wait.removed).count, since: wait.since,
                until: wait.limit(settings[.maxStandbyStreamingDelay]))
        }
    }
}
