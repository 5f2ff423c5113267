internal import Replication
internal import WALFormat

/// What a standby tells of its disk while that is full: it tries to go on every few seconds, each
/// try ends as the last did, and that is told once.
struct FullDisk {
    /// Nothing has been written since it was found full here.
    private var place: LSN?

    /// Whether finding it full would be news.
    var isNews: Bool { place == nil }

    mutating func found(from lsn: LSN) { place = lsn }

    /// It has taken WAL up to here. Answers where it had stopped, if it had.
    mutating func written(upTo lsn: LSN) -> LSN? {
        guard let stopped = place, lsn > stopped else { return nil }
        place = nil
        return stopped
    }

    /// Whether an event only says that another try has ended like that.
    func hides(_ event: WALReceiver.Event) -> Bool {
        switch event {
        case .streaming, .disconnected: !isNews
        case .timedOut, .refused, .stopped, .followed, .protocolViolation: false
        }
    }
}
