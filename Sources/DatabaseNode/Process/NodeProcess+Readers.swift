import LabClock
import Network
import Replication
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

    /// How many rows the statement of one of the lab's clients has changed, of how many; nil: there
    /// is none that takes long.
    package var changeProgress: (done: Int, all: Int)? {
        backends.keys.sorted().lazy.compactMap { [backends] id in
            guard let backend = backends[id], backend.connection.isInternal,
                case .sql(let conversation) = backend.mode
            else { return nil }
            return conversation.progress
        }.first
    }

    /// Who needs rows that are deleted, and since which transaction. PostgreSQL:
    /// `ComputeXidHorizons`.
    var rowHolders: [RowHolder] {
        let sessions = snapshots.xmin.map { [RowHolder(kind: .readers, xmin: $0)] } ?? []
        let streams = senders.compactMap { backend in
            backend.sender?.sender?.xmin.map {
                RowHolder(kind: .replica(backend.applicationName), xmin: $0)
            }
        }
        let kept = slots.slots.filter { !$0.isInvalidated }.compactMap { slot in
            slot.xmin.map { RowHolder(kind: .slot(slot.name), xmin: $0) }
        }
        return sessions + streams + kept
    }

    /// The oldest transaction whose deletions somebody may not see, here or further down: it, or an
    /// older one, is open, or somebody reads from before its end.
    var neededXmin: TransactionID {
        (rowHolders.map(\.xmin) + [database.snapshot.xmin]).min() ?? database.nextXID
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
