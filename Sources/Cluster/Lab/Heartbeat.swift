import DatabaseNode
import LabClock
import Network
import WALFormat
import WireProtocol

/// A client that writes the time into one row, on the primary, at an interval: what a heartbeat
/// table is. A replica's row, read there, is as old as the replica is behind, give or take an
/// interval.
///
/// - Each beat is a commit like any other: it costs WAL, its client is told OK, the ledger has it,
///   and it can be lost.
/// - There is one client a node, which waits for its answer; meanwhile nothing more is written
///   there.
/// - While no primary runs nothing is due: a lab without one can wait for a year at no cost.
/// - Touched on the lab's loop only.
final class Heartbeat {
    /// The row.
    static let key = "heartbeat"

    /// From one beat to the next; zero: there are none.
    var interval = Duration.zero {
        didSet {
            due = lab.stepper.now
            deadline.cancel()
        }
    }
    private let lab: LabLoop
    private let deadline: Deadline
    private var due = LabInstant.start
    private var clients: [String: LabClient] = [:]
    /// The nodes that have not answered.
    private var unanswered: Set<String> = []

    init(lab: LabLoop) {
        self.lab = lab
        // Whatever is due brings a stillness, and with it a look.
        deadline = Deadline(lab: lab, owner: "heartbeat") {}
    }

    /// Writes a value, as a client of a node's; calls `done` when that is answered, or lost.
    typealias Write = (
        _ key: String, _ value: String, _ node: String, LabClient, _ done: @escaping () -> Void
    ) throws(LabFailure) -> Void

    /// Work for a stillness: writes the row on the primary if that is due, and says whether it was.
    func beat(on primary: Node, _ write: Write) -> Bool {
        guard let process = primary.process, !process.isInRecovery,
            !unanswered.contains(primary.name)
        else {
            deadline.cancel()
            return false
        }
        let now = lab.stepper.now
        guard due <= now else {
            deadline.move(to: due)
            return false
        }
        due = now.advanced(by: interval)
        deadline.move(to: due)
        unanswered.insert(primary.name)
        do throws(LabFailure) {
            // Where it was refused, or lost, the next one is due when it is.
            try write(Self.key, Self.text(now), primary.name, client(of: primary)) {
                [weak self, name = primary.name] in self?.unanswered.remove(name)
            }
            return true
        } catch {
            unanswered.remove(primary.name)
            return false
        }
    }

    /// Reads the row on a node; `done` hears when it was written, nil if there is none or it cannot
    /// be read.
    func read(on node: Node, done: @escaping (LabInstant?) -> Void) {
        let key = SQLLiteral.quoted(Self.key)
        client(of: node).query("SELECT value FROM kv WHERE key = \(key)") { answer in
            guard case .answered(let results, nil, _) = answer,
                let value = results.first?.rows.first?.first ?? nil
            else { return done(nil) }
            done(Self.instant(String(decoding: value, as: UTF8.self)))
        }
    }

    private func client(of node: Node) -> LabClient {
        if let client = clients[node.name] { return client }
        let client = LabClient(lab: lab) { [weak node] in
            node?.openPort == nil ? nil : node?.clientLink.port
        }
        clients[node.name] = client
        return client
    }
}

// What stands in the row: seconds since 1970, as `extract(epoch FROM now())` gives them.
extension Heartbeat {
    private static let microsecondsFrom1970To2000: Int64 = 946_684_800_000_000

    static func text(_ instant: LabInstant) -> String {
        let microseconds = LabTime.postgres(instant).microseconds + microsecondsFrom1970To2000
        let digits = String(microseconds % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - digits.utf8.count)
        return "\(microseconds / 1_000_000).\(zeros)\(digits)"
    }

    /// Nil: somebody else has written the row.
    static func instant(_ text: String) -> LabInstant? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 6,
            let seconds = Int64(parts[0]), let rest = Int64(parts[1]), seconds >= 0, rest >= 0,
            seconds < Int64.max / 1_000_000 - 1
        else { return nil }
        let microseconds = seconds * 1_000_000 + rest - microsecondsFrom1970To2000
        return LabTime.instant(PostgresTime(microseconds: microseconds))
    }
}
