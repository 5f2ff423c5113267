import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import WALFormat
import WireProtocol

@testable import Cluster

/// Outside programs that ask for as much as they can, all the time, and a lab that goes on.
@Suite(.serialized) struct FloodTests {
    enum Flood: String, CaseIterable {
        case statements, syncs, inserts, feedback

        fileprivate var message: [UInt8] {
            switch self {
            case .statements: FrontendMessage.query("SELECT 1").encoded()
            case .syncs: FrontendMessage.sync.encoded()
            case .inserts:
                FrontendMessage.query(
                    "INSERT INTO kv VALUES ('f', '1') ON CONFLICT (key) DO UPDATE SET value = '2'"
                ).encoded()
            case .feedback:
                ReplicationMessage.statusUpdate(
                    StandbyStatus(
                        write: .invalid, flush: .invalid, apply: .invalid,
                        sentAt: PostgresTime(microseconds: 0), replyRequested: true)
                ).framed()
            }
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Flood.allCases)
    func `what the lab does for itself comes first`(_ flood: Flood) throws {
        let lab = try Lab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        let port = try #require(lab.addresses().first { $0.node == "p" }?.port)
        let flooders = Flooders(flood, to: port)
        defer { flooders.end() }
        flooders.waitUntilHeard()
        for round in 1...20 {
            _ = try lab.write("a", "\(round)", on: "p")
            #expect(lab.wait(.seconds(1)))
        }
        let load = try lab.load(20, prefix: "w", on: "p") { .milliseconds(10 * $0) }
        #expect(load.acknowledged == 20)
        #expect(try lab.read("w:20", on: "r2").value == "20")
        // The flood was answered, too, as far as it could be; and goes on being.
        let heard = flooders.heardByteCount
        while flooders.heardByteCount == heard { sched_yield() }
    }
}

/// Three connections that send whatever the kernel takes, and read what comes.
private final class Flooders: Sendable {
    private let isOver = Atomic(false)
    private let heard = Atomic(0)
    private let thread = DispatchSemaphore(value: 0)

    init(_ flood: FloodTests.Flood, to port: Int) {
        let startup = StartupMessage(
            user: "me", database: "x", replication: flood == .feedback)
        var start = FrontendMessage.startup(startup).encoded()
        if flood == .feedback {
            let command = ReplicationCommand.startReplication(
                slot: nil, at: LSN(0x10_0000), timeline: Timeline(1))
            start += FrontendMessage.query(command.description).encoded()
        }
        let sockets = (0..<3).compactMap { _ in loopbackSocket(to: port) }
        for socket in sockets {
            _ = send(socket, start, start.count, Int32(MSG_NOSIGNAL))
        }
        let block = Array([[UInt8]](repeating: flood.message, count: 100).joined())
        Thread { [self] in
            while !isOver.load(ordering: .relaxed) {
                for socket in sockets { turn(socket, block) }
            }
            for socket in sockets { close(socket) }
            thread.signal()
        }
        .start()
    }

    /// Sends the whole block, so that no message is cut, and reads meanwhile.
    private func turn(_ socket: Int32, _ block: [UInt8]) {
        var rest = block[...]
        while !rest.isEmpty, !isOver.load(ordering: .relaxed) {
            listen(to: socket)
            let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, flags) }
            guard count > 0 || errno == EAGAIN else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private func listen(to socket: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count > 0 {
            heard.add(count, ordering: .relaxed)
        }
    }

    var heardByteCount: Int { heard.load(ordering: .relaxed) }

    /// Until they were let in and answered.
    func waitUntilHeard() {
        while heardByteCount < 10_000 { sched_yield() }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        thread.wait()
    }
}
