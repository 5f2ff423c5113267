import Network
import Replication
import Storage
import WireProtocol

// Replication slots: what a connection hears of them.
extension Backend {
    /// The number its client was told, under which the slots know it.
    var slotOwner: Int32 { Int32(truncatingIfNeeded: id) }

    /// The slots have answered the sender's request, and what they changed is durable.
    func slotAnswered(_ answer: SlotAnswer) {
        guard connection.isOpen else { return }
        act { $0.slotAnswered(answer, server: process.server) }
        proceed()
    }

    /// What a statement changed about a slot is durable, or never will be.
    func slotIsStored(_ failure: DiskFailure?) {
        guard connection.isOpen else { return }
        awaitsDisk = false
        guard let failure else { return proceed() }
        var error = failure.serverError
        error.severity = .fatal
        end(saying: error)
    }

    /// It uses a slot that is to be given up. PostgreSQL: SIGTERM.
    func terminate() {
        if sender == nil { terminateConnection() } else { act { $0.terminated() } }
    }
}
