internal import Cluster
internal import DatabaseNode
internal import Replication

// What an event is about: replies leave out what they say themselves.
extension LabEvent {
    /// Recovery read the node's own disk.
    var isRecovery: Bool {
        if case .recovered = kind { true } else { false }
    }

    /// Files of a kept lab are not as it left them.
    var isAlarm: Bool {
        switch kind {
        case .foundDamaged, .foundShort: true
        case .node, .recovered, .backup, .postgres, .lag, .monitor, .clients, .read, .crashed: false
        }
    }

    /// A replica's receiver said something that the reply says itself.
    func isAboutReceiving(on node: String) -> Bool {
        guard self.node == node else { return false }
        switch kind {
        case .node(.receiver(let event)):
            switch event {
            case .streaming, .disconnected, .followed: return true
            case .timedOut, .refused, .stopped, .protocolViolation: return false
            }
        case .node, .recovered, .foundDamaged, .foundShort, .backup, .postgres, .lag,
            .monitor, .clients, .read, .crashed:
            return false
        }
    }
}
