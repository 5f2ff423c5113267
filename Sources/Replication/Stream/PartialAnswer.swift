import WireProtocol

/// An upstream's answer to a replication command, while it arrives.
///
/// - It is bounded: an upstream that never ends its answer cannot fill our memory.
public struct PartialAnswer: Hashable, Sendable {
    enum Step: Hashable {
        /// More is to come.
        case incomplete(PartialAnswer)
        /// The results of the command, which succeeded.
        case finished([ResultSet])
        /// The command became a stream, with these results before it.
        case streaming([ResultSet])
        /// More messages than any replication command is answered with.
        case tooLong
    }

    /// The longest answer, the end of a timeline, has five messages.
    static let maximumMessageCount = 8

    private var collector = ReplyCollector()
    private var messageCount = 0

    func received(_ message: BackendMessage) -> Step {
        var answer = self
        answer.messageCount += 1
        switch answer.collector.received(message) {
        case .finished(let results, error: _, _): return .finished(results)
        case .streaming(let results): return .streaming(results)
        case nil:
            let isTooLong = answer.messageCount >= Self.maximumMessageCount
            return isTooLong ? .tooLong : .incomplete(answer)
        }
    }
}
