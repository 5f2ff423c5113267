import Cluster
import CommandLanguage
import Foundation
import Session
import Storage
import Synchronization
import Testing
import WALFormat

/// `delete k:*`: one transaction, done or not.
struct BulkDeleteTests {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    @Test func `^C leaves it rolled back`() throws {
        let lab = try Lab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        #expect(!session.run("load 20000").failed)
        let isDone = Flag()
        Thread.detachNewThread {
            // Not before the transaction is on its way.
            while lab.progress.now?.unit != .rows, !isDone.isSet.load(ordering: .acquiring) {
                sched_yield()
            }
            while !isDone.isSet.load(ordering: .acquiring) {
                lab.interrupt()
                sched_yield()
            }
        }
        let outcome = session.run("delete k:*")
        isDone.isSet.store(true, ordering: .releasing)
        #expect(outcome.failed)
        for key in ["k:1", "k:20000"] {
            for node in ["p", "r1"] {
                #expect(try lab.read(key, on: node).value == String(key.dropFirst(2)))
            }
        }
        let undone = try lab.records(of: "p").filter { line in
            if case .abort = line.record.body { true } else { false }
        }
        #expect(undone.count == 1)
        let again = session.run("delete k:*")
        #expect(again.lines.first == "20000 rows deleted in one transaction")
        #expect(try lab.read("k:1", on: "r1").value == nil)
        #expect(try lab.lost().lost.isEmpty)
    }
}
