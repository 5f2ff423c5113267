import Glibc
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode
@testable import Storage

/// The write of a COMMIT record finds no room, or only for part of it. (Segments are made ahead, so
/// this takes a file system that gives room to what is overwritten.)
struct ShortWriteTests {
    @Test(arguments: [
        EdgeFault.error(ENOSPC), .shortWrite(byteCount: 1), .shortWrite(byteCount: 90),
    ])
    func `whoever waits is left not knowing, and the write is made good when there is room`(
        fault: EdgeFault
    ) throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        let disk = try #require(try lab.fileSystem(of: "p") as? MemoryFileSystem)
        _ = try lab.write("a", "1", on: "p")
        disk.planFault(fault, atEdge: disk.edgeCount + 1)
        #expect(throws: LabFailure.noAnswer(node: "p")) { try lab.write("a", "2", on: "p") }
        // Not durable, so not seen; and no failure for good.
        #expect(try lab.read("a", on: "p").value == "1")
        #expect(lab.snapshot()["p"]?.isUp == true)
        let refusal = #expect(throws: LabFailure.self) { try lab.write("b", "1", on: "p") }
        guard case .server("p", let error) = refusal, error.code == .diskFull else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        // That one has looked for room, and found it.
        for node in ["p", "r1"] { #expect(try lab.read("a", on: node).value == "2") }
        #expect(try lab.write("b", "2", on: "p").rowCount == 1)
        let loss = try lab.lost()
        #expect(loss.lost.isEmpty && loss.unknown.map(\.survived) == [true])
        _ = try lab.crash("p", deliversWire: false, survival: .nothing)
        _ = try lab.restart("p")
        #expect(try lab.read("a", on: "p").value == "2")
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test func `what was not written is gone with the power, and nobody was told of it`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        let disk = try #require(try lab.fileSystem(of: "p") as? MemoryFileSystem)
        _ = try lab.write("a", "1", on: "p")
        disk.planFault(.shortWrite(byteCount: 90), atEdge: disk.edgeCount + 1)
        #expect(throws: LabFailure.noAnswer(node: "p")) { try lab.write("a", "2", on: "p") }
        _ = try lab.crash("p", deliversWire: false, survival: .everything)
        _ = try lab.restart("p")
        #expect(try lab.read("a", on: "p").value == "1")
        let loss = try lab.lost()
        #expect(loss.lost.isEmpty && loss.unknown.map(\.survived) == [false])
    }
}
