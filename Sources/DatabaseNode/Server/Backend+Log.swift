import SQLServer
import Storage
import WireProtocol

// What becomes of the commits that a client waits for.
extension Backend {
    /// The log is durable further than before.
    func logIsFlushed() {
        guard case .sql(let conversation) = mode else { return }
        guard !process.isFenced else {
            return perform(conversation.logFlushFailed(.fencedInFlight))
        }
        perform(conversation.logIsFlushed(upTo: process.log.flushLSN))
        proceed()
    }

    func logFlushFailed(_ failure: DiskFailure) {
        guard case .sql(let conversation) = mode else { return }
        let error = ServerError(
            severity: .fatal, code: failure.isLackOfRoom ? .diskFull : .ioError,
            message: failure.description)
        perform(conversation.logFlushFailed(error))
    }
}
