import DatabaseNode
import Storage
import Testing
import WALFormat

@testable import Cluster

/// Images of whole pages that are compressed are images like others: to redo, to recovery, to a
/// replica, and after a promotion.
struct CompressionTests {
    private func images(_ node: String, _ lab: Lab) throws -> [PageImage] {
        try lab.records(of: node).flatMap { $0.record.blocks.compactMap(\.image) }
    }

    /// Updates every page, once behind each checkpoint.
    private func work(_ lab: Lab, on node: String, _ rounds: Int = 3) throws {
        for round in 0..<rounds {
            _ = try lab.load(600, prefix: "pay", byteCount: 20 + round, on: node) { _ in .zero }
            _ = try lab.checkpoint(node)
        }
    }

    @Test func `a replica, recovery and a promoted replica make the same pages of them`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        lab.setImageCompression(.pglz)
        try work(lab, on: "p")
        let made = try images("p", lab)
        #expect(made.count { $0.compression == .pglz } > 10)
        #expect(try made.allSatisfy { try $0.restored().count == PageImage.pageByteCount })
        for replica in ["r1", "r2"] { #expect(try lab.diff("p", replica).outcome == .identical) }
        _ = try lab.load(600, prefix: "pay", byteCount: 30, on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: true)
        _ = try lab.restart("p")
        #expect(try lab.read("pay:600", on: "p").value?.hasPrefix("600.") == true)
        #expect(try lab.diff("p", "r1").outcome == .identical)
        _ = try lab.crash("p", deliversWire: true)
        _ = try lab.promote("r1")
        try work(lab, on: "r1", 1)
        #expect(try lab.diff("r1", "r2").outcome == .identical)
        let later = try lab.records(of: "r1").filter { $0.timeline == Timeline(2) }
        #expect(later.contains { $0.record.blocks.contains { $0.image?.compression == .pglz } })
    }

    @Test func `it holds from the next image on, and ends as it began`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
        defer { lab.close() }
        try work(lab, on: "p", 2)
        #expect(try images("p", lab).allSatisfy { $0.compression == nil })
        let before = try images("p", lab).count
        lab.setImageCompression(.pglz)
        try work(lab, on: "p", 1)
        #expect(try images("p", lab).dropFirst(before).contains { $0.compression == .pglz })
        lab.setImageCompression(nil)
        let now = try images("p", lab).count
        try work(lab, on: "p", 1)
        #expect(try images("p", lab).dropFirst(now).allSatisfy { $0.compression == nil })
    }

    @Test func `the same work makes less log, and the same table`() throws {
        func byteCount(_ method: ImageCompression?) throws -> (log: Int, rows: [String?]) {
            let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
            defer { lab.close() }
            lab.setImageCompression(method)
            try work(lab, on: "p")
            let flush = try #require(lab.snapshot()["p"]?.positions).flush
            let rows = try (1...600).map { try lab.read("pay:\($0)", on: "p").value }
            return (flush - LSN(0x10_0000), rows)
        }
        let (plain, compressed) = (try byteCount(nil), try byteCount(.pglz))
        #expect(compressed.log < plain.log)
        #expect(compressed.rows == plain.rows)
    }
}
