import LabClock
import WALFormat

@testable import Storage

/// Random changes by several transactions at once, on whatever node it is given.
struct Workload {
    var random: SeededDraws
    private var open: [TransactionID: [String: String?]] = [:]

    init(seed: UInt64) { random = SeededDraws(seed: seed) }

    /// The transactions were ended by a crash.
    mutating func forgetOpen() { open = [:] }

    /// One change, beginning or end of a transaction.
    mutating func step(_ database: inout Database, _ promise: inout Promise) throws {
        switch Int.random(in: 0..<80, using: &random) {
        case 0..<22: begin(&database)
        case 22..<60: try change(&database)
        default: try end(&database, &promise)
        }
        promise.note(database)
    }

    private mutating func begin(_ database: inout Database) {
        guard open.count < 4 else { return }
        open.updateValue([:], forKey: database.begin())
    }

    private mutating func change(_ database: inout Database) throws {
        guard let xid = open.keys.sorted().randomElement(using: &random) else {
            return begin(&database)
        }
        let key = "key\(Int.random(in: 0..<10, using: &random))"
        do {
            if Int.random(in: 0..<4, using: &random) == 0 {
                if try database.delete(key, xid: xid) { open[xid]?.updateValue(nil, forKey: key) }
            } else {
                let isLong = Int.random(in: 0..<6, using: &random) == 0
                let count = Int.random(in: 0..<(isLong ? 3000 : 60), using: &random)
                let value = String(repeating: "v", count: count) + "\(random.next() % 1000)"
                try database.put(key, value, xid: xid)
                open[xid]?.updateValue(value, forKey: key)
            }
        } catch TableError.conflict {}
    }

    private mutating func end(_ database: inout Database, _ promise: inout Promise) throws {
        guard let xid = open.keys.sorted().randomElement(using: &random),
            let changes = open.removeValue(forKey: xid)
        else { return }
        if Int.random(in: 0..<4, using: &random) == 0 {
            _ = try database.abort(xid, at: TestNode.start)
        } else {
            let inserted = try database.commit(xid, at: TestNode.start)
            promise.committed(changes, end: inserted.end)
        }
    }
}
