import DatabaseNode
import LabClock
import Network

/// The keys of a forked tail, written to the primary by the lab's own client, in one transaction:
/// all of them count, or none.
///
/// - COMMIT goes out when every write is answered: a connection lost before leaves no doubt.
/// - An error, or ^C, undoes it all.
/// - Touched on the loop only, which is what `@unchecked Sendable` stands on.
final class ReapplyRun: @unchecked Sendable {
    /// A key as it will be, and the lost writes that this does again.
    struct Write {
        let key: String
        let value: String?
        let salvages: [ClientLedger.ID]
    }

    /// So many writes go out in one go; ^C is heard, and WAL is sent, in between.
    private static let breath = 256

    private let cluster: Cluster
    private let node: String
    private let writes: [Write]
    private var asked = 0
    private var settled = 0
    private var failure: LabFailure?
    /// Nil until it has ended.
    private(set) var outcome: Result<TransactionReport, LabFailure>?

    init(_ cluster: Cluster, _ writes: [Write], on node: String) {
        self.cluster = cluster
        self.writes = writes
        self.node = node
    }

    func start() throws(LabFailure) {
        _ = try cluster.process(of: node)
        try cluster.begin(on: node) { [self] answer in
            switch answer {
            case .success: step()
            case .failure(let reason): outcome = .failure(reason)
            }
        }
    }

    /// ^C, or no answer in time: the client hangs up, and the server undoes what it has not
    /// committed. What has ended stays as it ended.
    func giveUp(because reason: LabFailure) -> Result<TransactionReport, LabFailure> {
        if let outcome { return outcome }
        failure = failure ?? reason
        (try? cluster.node(node))?.client.close()
        let ended = outcome ?? .failure(reason)
        outcome = ended
        return ended
    }

    private func step() {
        guard outcome == nil, asked == settled else { return }
        if cluster.lab.stepper.isInterrupted { failure = failure ?? .interrupted }
        if let failure { return end(with: failure) }
        guard asked < writes.count else { return commit() }
        cluster.lab.stepper.schedule(at: cluster.now, owner: "salvage") { [self] in send() }
    }

    private func send() {
        guard outcome == nil else { return }
        do throws(LabFailure) {
            try cluster.writeTogether(on: node) { () throws(LabFailure) in
                repeat { try sendOne() } while asked < writes.count && asked % Self.breath != 0
            }
        } catch {
            failure = failure ?? error
            step()
        }
    }

    private func sendOne() throws(LabFailure) {
        let write = writes[asked]
        let id = cluster.ledger.entries.count
        try cluster.write(write.key, write.value, on: node) { [self] answer in
            settled += 1
            if case .failure(let reason) = answer { failure = failure ?? reason }
            step()
        }
        asked += 1
        for lost in write.salvages { cluster.ledger.salvaged(lost, by: id) }
    }

    private func commit() {
        do throws(LabFailure) {
            try cluster.commit { [self] in outcome = $0 }
        } catch {
            outcome = .failure(error)
        }
    }

    private func end(with reason: LabFailure) {
        do throws(LabFailure) {
            try cluster.rollBack { [self] _ in outcome = .failure(reason) }
        } catch {
            // The transaction went with its connection.
            outcome = .failure(reason)
        }
    }
}
