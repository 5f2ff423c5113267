import DatabaseNode
import LabClock
import Network

// The heartbeat's row.
extension Cluster {
    /// Work for a stillness: has it written on whichever node is the primary.
    func beatHeart() -> Bool {
        guard heartbeat.interval > .zero else { return false }
        return heartbeat.beat(on: primary) { key, value, node, client, done throws(LabFailure) in
            try write(key, value, on: node, by: client) { _ in done() }
        }
    }
}

extension Lab {
    /// From one heartbeat to the next; zero: there are none.
    package var heartbeatInterval: Duration { onLoop { cluster in cluster.heartbeat.interval } }

    /// Changes it, from now on; the first one is written at once.
    package func setHeartbeatInterval(_ interval: Duration) {
        onLoop { cluster in cluster.heartbeat.interval = interval }
        settle()
    }

    /// Reads the row on every replica that runs, as a client of its own there; nil: there are no
    /// heartbeats.
    package func readHeartbeats() -> Heartbeats? {
        let interval = heartbeatInterval
        guard interval > .zero else { return nil }
        let read = Pending<[String: LabInstant]>()
        return run { cluster in
            read.value = [:]
            for node in cluster.nodes where node.role.upstream != nil && node.isReadable {
                cluster.heartbeat.read(on: node) { read.value?[node.name] = $0 }
            }
            return .still
        } then: { _ in
            Heartbeats(interval: interval, written: read.value ?? [:])
        }
    }
}

extension Node {
    /// Whether a client that asks it something is answered at once.
    fileprivate var isReadable: Bool { process != nil && !isFrozen }
}
