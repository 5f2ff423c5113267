import DatabaseNode
import WALFormat

// How far logs have got, as the nodes know it.
extension Cluster {
    /// How far all logs have got by now.
    var travels: Travels {
        var travels = Travels(received: confirmedLogs)
        for node in nodes {
            travels.sent[node.name] = node.sent
            travels.received[node.name] = node.received
        }
        return travels
    }
}

extension Node {
    /// What it has ever sent to each replica.
    var sent: [String: ReachedLog] {
        (process?.sent ?? [:]).merging(formerlySent) { now, before in
            var all = now
            all.merge(before)
            return all
        }
    }

    /// What its directory has ever held.
    var received: ReachedLog {
        var received = formerlyReceived
        if let log = seen?.log { received.extend(to: log) }
        return received
    }
}
