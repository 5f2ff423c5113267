internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Replication
internal import WALFormat
internal import WireProtocol

extension Session {
    /// `reconnect`: heals a link, connects at once, and says where the stream resumed.
    func reconnect(_ node: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        if replica == lab.foreignName { return try reconnectForeign(since: before) }
        let report = try ask(.reconnect(node: node)) { () throws(LabFailure) in
            try lab.reconnect(replica)
        }
        if let refusal = look().refusal(of: replica) {
            skipEvents { $0.node == replica }
            throw Failure(
                "\(replica) cannot follow \(report.upstream): it \(refusal.text)",
                advice: "basebackup \(replica), which takes from it what only it has")
        }
        if let error = report.refusal {
            skipEvents { $0.node == replica }
            throw Failure(
                "\(report.upstream) refused \(replica): \(error.message.escapedForDisplay) "
                    + "(\(error.code.code))",
                advice: error.remedy(for: replica, of: report.upstream) ?? "status")
        }
        let rest = consequences(since: before) { $0.isAboutReceiving(on: replica) }
        return Reply(lines: report.lines + rest, json: [report.json])
    }
}

extension LabEvent {
    /// A replica's receiver said something that the reply says itself.
    func isAboutReceiving(on node: String) -> Bool {
        guard self.node == node else { return false }
        switch kind {
        case .receiver(let event):
            switch event {
            case .streaming, .disconnected, .followed: return true
            case .timedOut, .refused, .stopped, .protocolViolation: return false
            }
        case .sender, .recovered, .diskFailed, .diskFull, .diskHasRoom, .walRemoved, .slotLost,
            .replayStopped, .backup, .foreign, .connectionRefused:
            return false
        }
    }
}

extension ReconnectReport {
    fileprivate var lines: [String] {
        guard isCaughtUp else { return ["\(replica) has not caught up with \(upstream) yet"] }
        let waited = took > .zero ? ["it took \(took.text) of lab time"] : []
        return ["\(replica) resumed at its own flush LSN \(resumedAt):", shipped] + waited
    }

    private var shipped: String {
        guard byteCount > 0 else { return "nothing was missing" }
        return "\(Words.commits(commitCount)), \(CountText.bytes(byteCount)) shipped, "
            + "\(CountText.of(appliedTwice, "record")) applied twice"
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(replica), "upstream": .string(upstream),
            "resumed_at": .string(resumedAt.description),
            "caught_up_at": .string(caughtUpAt.description), "commits": .int(commitCount),
            "bytes": .int(byteCount), "records": .int(recordCount),
            "applied_twice": .int(appliedTwice), "took_ms": took.jsonMilliseconds,
        ]
    }
}
