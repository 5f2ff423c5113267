import DatabaseNode
import LabClock
import Network
import WireProtocol

// Reads that last.
extension Cluster {
    /// Begins a read that lasts on a node; `done` hears of its first look.
    func hold(
        _ wish: LongReader.Wish, done: @escaping (Result<HeldRead, LabFailure>) -> Void
    ) throws(LabFailure) {
        let node = try node(wish.node)
        guard node.process != nil else { throw .isDown(wish.node, node.state) }
        let client = LabClient(lab: lab) { [weak node] in
            node?.openPort == nil ? nil : node?.clientLink.port
        }
        let reader = LongReader(wish, over: client) { [lab] in
            lab.stepper.now
        } began: { [weak self] result in
            if case .failure = result { self?.longReaders.forgetEnded() }
            done(result)
        } ended: { [weak self] event in
            self?.longReaders.forgetEnded()
            self?.tell(of: wish.node, event)
        }
        longReaders.add(reader)
        reader.begin()
    }
}

extension Lab {
    /// Begins a read on a node that lasts for some time, and goes on when the call has returned.
    package func hold(
        _ key: String?, on node: String, for duration: Duration
    ) throws(LabFailure) -> HeldRead {
        let wish = LongReader.Wish(node: node, key: key, duration: duration)
        do throws(LabFailure) {
            return try answer(from: node) { cluster, done throws(LabFailure) in
                try cluster.hold(wish, done: done)
            }
        } catch {
            onLoop { cluster in cluster.longReaders.dropUnanswered() }
            settle()
            throw error
        }
    }

    /// The reads that last, oldest first.
    package var heldReads: [HeldRead] { onLoop { cluster in cluster.longReaders.reads } }
}
