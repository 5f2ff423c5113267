internal import Glibc
internal import LabClock
internal import Storage
internal import Synchronization
internal import WireProtocol

/// Programs from outside that knock at a lab's ports as hard as they can, and signals that stop its
/// process for a moment. They change nothing in it.
///
/// None of them streams WAL: a clean stop would wait for it.
final class Flood: Sendable {
    private enum Kind: CaseIterable {
        /// Statements by the hundred on one connection, their answers read or not.
        case queries
        /// Connections that come and go.
        case connections
        /// A replication connection that asks and asks.
        case replication
        /// Bytes that are no protocol.
        case garbage
        /// SIGSTOP and SIGCONT, SIGWINCH.
        case signals
    }

    private let isOver = Atomic(false)
    private let count = Atomic(0)
    private let threads: [WorkThread]

    /// Begins it.
    init(ports: [Int], pid: Int32, seed: UInt64) throws(BenchFailure) {
        var threads: [WorkThread] = []
        for _ in Kind.allCases { threads.append(try workThread()) }
        self.threads = threads
        for (index, kind) in Kind.allCases.enumerated() {
            threads[index].submit { [self] _ in
                var draws = SeededDraws(seed: seed &+ UInt64(index))
                while !isOver.load(ordering: .relaxed) {
                    Self.knock(kind, at: draws.pick(ports), pid, &draws)
                    count.add(1, ordering: .relaxed)
                }
            }
        }
    }

    /// Ends it; says how often something knocked.
    func end() -> Int {
        isOver.store(true, ordering: .relaxed)
        for thread in threads { thread.shutdown() }
        return count.load(ordering: .relaxed)
    }

    /// What a server answers, and whether it answers, is nothing to a flood; a node that is down is
    /// tried again a little later.
    private static func knock(
        _ kind: Kind, at port: Int, _ pid: Int32, _ draws: inout SeededDraws
    ) {
        do throws(BenchFailure) {
            switch kind {
            case .queries: try askMuch("select 1", at: port, reads: draws.isOne(in: 2))
            case .connections:
                for _ in 0..<20 { _ = try LoopbackSocket(port: port) }
            case .replication:
                try askMuch("IDENTIFY_SYSTEM", at: port, reads: true, replication: true)
            case .garbage:
                let socket = try LoopbackSocket(port: port)
                try socket.send((0..<4096).map { _ in UInt8(draws.number(below: 256)) })
            case .signals: disturb(pid, &draws)
            }
        } catch {
            pause(milliseconds: 10)
        }
    }

    private static func askMuch(
        _ statement: String, at port: Int, reads: Bool, replication: Bool = false
    ) throws(BenchFailure) {
        let client = try QueryClient(port: port, user: LabServer.user, replication: replication)
        let request = FrontendMessage.query(statement).encoded()
        for _ in 0..<200 { try client.socket.send(request) }
        guard reads else { return }
        while client.answerCount < 200 { try client.receiveSome() }
    }

    private static func disturb(_ pid: Int32, _ draws: inout SeededDraws) {
        kill(pid, SIGWINCH)
        pause(milliseconds: 50 + draws.number(below: 400))
        kill(pid, SIGSTOP)
        pause(milliseconds: draws.number(below: 30))
        kill(pid, SIGCONT)
    }

    private static func pause(milliseconds: Int) {
        poll(nil, 0, Int32(milliseconds))
    }
}
