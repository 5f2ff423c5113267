import LabClock
import Network
import Replication
import SQLServer
import Testing
import WALFormat
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// Waiting leaves rounds out, and nobody can tell. Waits shorter than any round leave none out, so
/// many of them are what one long wait is held against: every machine, every number, every time.
@Suite struct RoundTests {
    /// What a lab has been made to be before it is left alone.
    enum Scene: String, CaseIterable, CustomTestStringConvertible {
        case healthy, crashedPrimary, stoppedPrimary, partition, partitionsWithBacklog, slowLink
        case slowLinks, lagBeyondTimeout, cascade, longLags, diverged, twoPrimaries, removedWAL,
            oneWay
        case neverReports, neverGivesUp, oddSettings, slots, oddMoment, client
        case jitter, jitters, stalled, stalledFeedback, stalledForShort, flaps, frozenReplica
        case frozenPrimary, failedDisk, fullDisk
        case monitored, monitoredAndDead, monitoredAndCut, monitoredAndFrozen

        var testDescription: String { rawValue }

        func set(_ lab: Lab) throws -> ServerTestClient? {
            for number in 1...3 { _ = try lab.write("a", "\(number)", on: "p") }
            switch self {
            case .healthy: break
            case .failedDisk: try Self.failDisk(lab)
            case .fullDisk: try Self.fillDisk(lab)
            case .crashedPrimary: _ = try lab.crash("p", deliversWire: false)
            case .stoppedPrimary: _ = try lab.stop("p")
            case .partition: try lab.partition("r1")
            case .partitionsWithBacklog:
                try lab.partition("r1")
                _ = lab.wait(.seconds(3))
                _ = try lab.write("b", "1", on: "p")
                try lab.partition("r3")
            case .slowLink: try lab.setDelay(.milliseconds(800), of: "r1")
            case .slowLinks:
                try lab.setDelay(.milliseconds(1_300), of: "r1")
                try lab.setDelay(.seconds(20), of: "r2")
                try lab.setDelay(.microseconds(777), of: "r3")
                _ = try lab.write("b", "1", on: "p")
            case .lagBeyondTimeout: try lab.setDelay(.seconds(95), of: "r1")
            case .longLags:
                try lab.setDelay(.seconds(35), of: "r1")
                try lab.setDelay(.seconds(40), of: "r2")
                try lab.setDelay(.milliseconds(1_300), of: "r3")
                // Until their streams stand again.
                _ = lab.wait(.seconds(300))
            case .cascade:
                _ = try lab.follow("r3", "r1")
                try lab.setDelay(.milliseconds(800), of: "r1")
                try lab.partition("r3")
            case .diverged, .twoPrimaries:
                try lab.partition("r1")
                _ = try lab.write("b", "1", on: "p")
                _ = try lab.promote("r1")
                _ = try lab.write("c", "1", on: "r1")
                // Written by p alone, before r2 follows another.
                if self == .diverged { _ = try? lab.follow("r2", "p") }
            case .removedWAL: try Self.removeWAL(lab)
            case .oneWay: try lab.partition("r2", .feedback, after: 0)
            case .neverReports: lab.set(.walReceiverStatusInterval, to: .zero)
            case .neverGivesUp:
                lab.set(.walReceiverTimeout, to: .zero)
                lab.set(.walSenderTimeout, to: .zero)
            case .oddSettings: try Self.setOddly(lab)
            case .slots:
                _ = try lab.createSlot("s1", on: "p")
                _ = try lab.useSlot("s1", on: "r1")
                try lab.partition("r1")
            case .oddMoment:
                _ = lab.wait(.microseconds(1_234_567))
                try lab.partition("r1")
                _ = lab.wait(.nanoseconds(77))
            case .client: return try ServerTestClient(lab)
            case .monitored, .monitoredAndDead, .monitoredAndCut, .monitoredAndFrozen:
                try setMonitor(lab)
            case .jitter, .jitters, .stalled, .stalledFeedback, .stalledForShort, .flaps,
                .frozenReplica, .frozenPrimary:
                try setFaults(lab)
            }
            return nil
        }

        /// What it received is never durable, and its lag grows with every report.
        private static func failDisk(_ lab: Lab) throws {
            try lab.setDiskFault(.syncError, on: "r1")
            _ = try lab.write("b", "1", on: "p")
        }

        /// Every try brings the same WAL again, and there is no room for it.
        private static func fillDisk(_ lab: Lab) throws {
            try lab.setDiskFault(.full, on: "r1")
            _ = try lab.load(200, prefix: "b", byteCount: 7_000, on: "p") { _ in .zero }
        }

        private static func removeWAL(_ lab: Lab) throws {
            lab.set(.maxWALSize, to: 2)
            lab.set(.minWALSize, to: 2)
            try lab.partition("r1")
            _ = lab.wait(.seconds(61))
            _ = try lab.load(300, prefix: "w", byteCount: 20_000, on: "p") { _ in .zero }
            _ = try lab.checkpoint("p")
            _ = try lab.heal("r1")
        }

        private static func setOddly(_ lab: Lab) throws {
            lab.set(.walReceiverStatusInterval, to: .seconds(7))
            lab.set(.walReceiverTimeout, to: .milliseconds(31_415))
            lab.set(.walSenderTimeout, to: .milliseconds(27_182))
            lab.set(.walRetrieveRetryInterval, to: .milliseconds(6_660))
            try lab.partition("r2")
        }

        private func setMonitor(_ lab: Lab) throws {
            try lab.beginMonitor(
                FailureDetector.Terms(
                    interval: .milliseconds(700), misses: 3, timeout: .milliseconds(300)))
            _ = lab.wait(.milliseconds(1_234))
            switch self {
            case .monitoredAndDead: _ = try lab.crash("p", deliversWire: false)
            case .monitoredAndCut: try lab.partition("monitor")
            case .monitoredAndFrozen: try lab.freeze("p")
            default: break
            }
        }

        private func setFaults(_ lab: Lab) throws {
            switch self {
            case .jitter, .jitters:
                for (name, most) in [("r1", Duration.milliseconds(5)), ("r2", .microseconds(333))]
                where self == .jitters || name == "r1" {
                    try lab.changeFaults(of: name, [.wal, .feedback]) { faults, _ in
                        faults.delay = .milliseconds(65)
                        faults.jitter = most
                    }
                }
            case .stalled:
                try lab.changeFaults(of: "r1", [.wal, .feedback]) { faults, _ in
                    faults.isStalled = true
                }
                _ = try lab.write("b", "1", on: "p")
            case .stalledFeedback, .stalledForShort:
                try lab.changeFaults(of: "r2", [.feedback]) { faults, _ in faults.isStalled = true }
                // Then it dials again before the last one it dialled is given up.
                if self == .stalledForShort { lab.set(.walReceiverTimeout, to: .seconds(7)) }
            case .flaps: try lab.partition("r1", for: .seconds(2), every: .seconds(10))
            case .frozenReplica:
                try lab.freeze("r1")
                _ = try lab.write("b", "1", on: "p")
            case .frozenPrimary: try lab.freeze("p")
            case .healthy, .crashedPrimary, .stoppedPrimary, .partition, .partitionsWithBacklog,
                .slowLink, .slowLinks, .lagBeyondTimeout, .cascade, .longLags, .diverged,
                .twoPrimaries, .removedWAL, .oneWay, .neverReports, .neverGivesUp, .oddSettings,
                .slots, .oddMoment, .client, .failedDisk, .fullDisk, .monitored,
                .monitoredAndDead, .monitoredAndCut, .monitoredAndFrozen:
                break
            }
        }
    }

    /// All of a lab that time could show in.
    private struct Seen {
        let snapshot: LabSnapshot
        let events: [LabEvent]
        let receivers: [WALReceiver?]
        let conversations: [[Int: ReplicationConversation]]
        let lags: [[[Int64?]]]
        let timers: [[Duration?]]
        let connections: [Int]
        let monitor: MonitorReport?

        init(_ lab: Lab) throws {
            events = lab.takeEvents()
            snapshot = lab.snapshot()
            monitor = lab.monitorReport
            // Shows the number that the next connection gets.
            let last = try snapshot.nodes.filter(\.isUp).map { try ServerTestClient(lab, $0.name) }
            defer { for client in last { client.hangUp() } }
            (receivers, conversations, lags, timers, connections) = lab.onLoop { cluster in
                let processes = cluster.nodes.map(\.process)
                let senders = processes.map { $0?.senders ?? [] }
                return (
                    processes.map { $0?.standby?.receiver },
                    senders.map { $0.reduce(into: [:]) { $0[$1.id] = $1.sender } },
                    senders.map {
                        $0.compactMap(\.statistics).map {
                            [$0.writeLag, $0.flushLag, $0.replayLag]
                        }
                    },
                    senders.map { $0.map { $0.deadline?.timeLeft } },
                    processes.map { $0?.backends.keys.max() ?? 0 }
                )
            }
        }
    }

    @Test(arguments: Scene.allCases)
    func `a long wait ends as many short ones do`(_ scene: Scene) throws {
        let short = [Duration](repeating: .seconds(4), count: 550) + [.milliseconds(1)]
        let seen = try [[short.reduce(.zero, +)], short].map { waits in
            let lab = try Lab(LabOptions(replicas: 3, usesMemory: true))
            defer { lab.close() }
            let client = try scene.set(lab)
            defer { client?.hangUp() }
            for duration in waits { #expect(lab.wait(duration)) }
            return try Seen(lab)
        }
        #expect(seen[0].events == seen[1].events)
        #expect(seen[0].snapshot == seen[1].snapshot)
        #expect(seen[0].receivers == seen[1].receivers)
        #expect(seen[0].conversations == seen[1].conversations)
        #expect(seen[0].lags == seen[1].lags)
        #expect(seen[0].timers == seen[1].timers)
        #expect(seen[0].connections == seen[1].connections)
        #expect(seen[0].monitor == seen[1].monitor)
    }

    @Test(.timeLimit(.minutes(15)), arguments: Scene.allCases)
    func `a year passes`(_ scene: Scene) throws {
        let lab = try Lab(LabOptions(replicas: 3, usesMemory: true))
        defer { lab.close() }
        let client = try scene.set(lab)
        defer { client?.hangUp() }
        let start = lab.now
        #expect(lab.wait(.seconds(8_760 * 3_600)))
        #expect(lab.now == start.advanced(by: .seconds(8_760 * 3_600)))
        // What a wire carries nothing of, both its ends give up: nothing piles up in a year.
        let most = lab.onLoop { cluster in
            cluster.nodes.compactMap { $0.link?.connectionCount }.max() ?? 0
        }
        #expect(most <= 8)
        let backends = lab.onLoop { cluster in
            cluster.nodes.map { $0.process?.backends.count ?? 0 }.max() ?? 0
        }
        #expect(backends <= 16)
    }
}
