import Cluster
import DatabaseNode
import LabClock
import Storage
import Testing
import WALFormat

/// Random lives of a lab: transactions, vacuum, checkpoints, full-page images off and on, links
/// cut, power losses, clean stops, a failover. Whenever two nodes' directories are held against
/// each other, table, pg_xact and log are the same up to the last position that both have.
struct LabHistoryTests {
    private struct Life {
        let lab: Lab
        var random: SeededDraws
        var replicas = ["r1", "r2"]
        var primary = "p"
        var cut: Set<String> = []
        var writesFullPages = true
        var comparisons = 0
        var vacuumed = 0

        init(seed: UInt64) throws {
            lab = try watchedLab(LabOptions(replicas: 2, seed: seed, usesMemory: true))
            random = SeededDraws(seed: seed)
        }

        mutating func step() throws {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<36: try change()
            case 36..<50: try begin()
            case 50..<64: try end()
            case 64..<69: vacuumed += try lab.vacuum(primary).report.tuplesRemoved
            case 69..<80: _ = try lab.checkpoint(try pick(replicas + [primary]))
            case 80..<83:
                writesFullPages.toggle()
                try lab.setFullPageWrites(writesFullPages)
            case 83..<88: try cutOrHeal()
            case 88..<92: try crash(try pick(replicas))
            case 92..<95: try crash(primary)
            case 95..<97: try stop(try pick(replicas))
            default: try failOver()
            }
        }

        private mutating func pick<Value>(_ values: [Value]) throws -> Value {
            try #require(values.randomElement(using: &random))
        }

        private mutating func change() throws {
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let key = "key\(Int.random(in: 0..<12, using: &random))"
                let isLong = Int.random(in: 0..<8, using: &random) == 0
                let count = Int.random(in: 0..<(isLong ? 5000 : 50), using: &random)
                let isDeletion = Int.random(in: 0..<4, using: &random) == 0
                let value = isDeletion ? nil : String(repeating: "v", count: count)
                _ = try lab.write(key, value, on: primary)
            }
        }

        private func begin() throws {
            if lab.openTransaction == nil { _ = try lab.begin(on: primary) }
        }

        private mutating func end() throws {
            guard lab.openTransaction != nil else { return }
            if Int.random(in: 0..<3, using: &random) == 0 {
                _ = try lab.rollBack()
            } else {
                _ = try lab.commit()
            }
        }

        private mutating func cutOrHeal() throws {
            let name = try pick(replicas)
            if cut.remove(name) != nil {
                _ = try lab.reconnect(name)
            } else {
                try lab.partition(name)
                cut.insert(name)
            }
        }

        /// Power loss; what was not synced may be gone.
        private mutating func crash(_ node: String) throws {
            let survival = try pick(Survival.allCases)
            _ = try lab.crash(node, deliversWire: Bool.random(using: &random), survival: survival)
            _ = try lab.restart(node)
            #expect(lab.wait(.seconds(6)))
        }

        private func stop(_ node: String) throws {
            _ = try lab.stop(node)
            _ = try lab.restart(node)
        }

        /// The first replica takes over; the old primary stays down. Once in a life.
        private mutating func failOver() throws {
            guard primary == "p" else { return }
            try catchUp()
            _ = try lab.crash("p", deliversWire: false, survival: .nothing)
            primary = replicas.removeFirst()
            _ = try lab.promote(primary)
            #expect(lab.wait(.seconds(6)))
        }

        mutating func catchUp() throws {
            for name in cut.sorted() { _ = try lab.reconnect(name) }
            cut = []
            #expect(lab.wait(.seconds(6)))
        }

        mutating func compare() throws {
            for replica in replicas {
                let found = try lab.diff(primary, replica)
                #expect(found.outcome == .identical)
                #expect(found.divergence == nil)
                #expect(found.through == found.ends.min())
                comparisons += 1
            }
        }

        /// Nobody is behind, and still nothing differs.
        mutating func compareAtTheEnd() throws {
            try catchUp()
            try compare()
            let flushed = try #require(lab.snapshot()[primary]?.positions?.flush)
            for replica in replicas {
                let found = try lab.diff(replica, primary)
                #expect(found.outcome == .identical)
                #expect(found.through == flushed && found.ends == [flushed, flushed])
                #expect(found.pageCount > 0 && found.commitLogPageCount > 0)
            }
            #expect(try lab.lost().lost.isEmpty)
        }
    }

    @Test func `primary and replica are the same at equal positions, every time`() async throws {
        let lives = try await withThrowingTaskGroup(of: Tally.self) { group in
            for seed in UInt64(1)...30 {
                group.addTask { try Self.live(seed) }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        #expect(lives.comparisons >= 30 * 10 && lives.vacuumed >= 300)
        // Checkpoints of both kinds, images off or on, the end of recovery; COMMIT, ABORT; changes.
        for kind in ["0.0", "0.16", "0.128", "0.144", "1.0", "1.32", "20.0"] {
            #expect(lives.kinds[kind, default: 0] >= 15, "records \(kind)")
        }
    }

    private static func live(_ seed: UInt64) throws -> Tally {
        var life = try Life(seed: seed)
        defer { life.lab.close() }
        for _ in 0..<9 {
            for _ in 0..<8 { try life.step() }
            try life.compare()
        }
        try life.compareAtTheEnd()
        var tally = Tally(comparisons: life.comparisons, vacuumed: life.vacuumed)
        for line in try life.lab.records(of: life.primary) {
            let record = line.record
            tally.kinds["\(record.resourceManager).\(record.info)", default: 0] += 1
        }
        return tally
    }

    /// What lives came to, with their records by resource manager and kind.
    private struct Tally {
        var comparisons = 0
        var vacuumed = 0
        var kinds: [String: Int] = [:]

        mutating func add(_ other: Tally) {
            comparisons += other.comparisons
            vacuumed += other.vacuumed
            kinds.merge(other.kinds) { $0 + $1 }
        }
    }
}
