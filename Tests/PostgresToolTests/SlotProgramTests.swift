import Cluster
import DatabaseNode
import Foundation
import SQLServer
import TestSupport
import Testing
import WALFormat

/// `pg_receivewal` uses a slot of a node's as it uses a server's.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct SlotProgramTests {
    private let lab: Lab
    private let folder: TemporaryFolder
    private let target: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        target = try TemporaryFolder()
        lab = try Lab(LabOptions(replicas: 1, directory: folder.path + "/lab"))
    }

    private func receive(_ node: String, _ arguments: String...) throws -> PostgresTools.Outcome {
        let port = try lab.portText(of: node)
        return try PostgresTools.run(
            "pg_receivewal", ["-h", "127.0.0.1", "-p", port, "-U", "me"] + arguments)
    }

    /// Receives up to the end of the node's log, then leaves.
    private func receiveAll(_ node: String) throws -> PostgresTools.Outcome {
        let end = try #require(lab.snapshot()[node]?.positions).flush
        // It stops behind the position it is given, not at it.
        let stop = LSN(end.rawValue - 1)
        return try receive(
            node, "-D", target.path, "--slot", "archive", "--no-loop", "--endpos", "\(stop)")
    }

    private func fill() throws {
        let value = String(repeating: "x", count: 7_000)
        for number in 0..<320 { _ = try lab.write("k\(number)", value, on: "p") }
    }

    private func files(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            .filter { $0.hasPrefix("0000") }
    }

    @Test func `it makes a slot once, and removes it once`() throws {
        defer { lab.close() }
        let create = ["--create-slot", "--slot", "archive"]
        #expect(try receive("p", create[0], create[1], create[2]).status == 0)
        let again = try receive("p", create[0], create[1], create[2])
        #expect(again.status == 1)
        #expect(again.errors.contains("replication slot \"archive\" already exists"))
        #expect(
            try receive("p", create[0], create[1], create[2], "--if-not-exists").status == 0)
        #expect(lab.retention().first?.slots.map(\.name) == ["archive"])
        #expect(try receive("p", "--drop-slot", "--slot", "archive").status == 0)
        #expect(lab.retention().first?.slots.isEmpty == true)
        let missing = try receive("p", "--drop-slot", "--slot", "archive")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("replication slot \"archive\" does not exist"))
    }

    @Test(arguments: ["p", "r1"])
    func `while it is away its slot keeps the WAL, and what it fetches later is the node's own`(
        node: String
    ) throws {
        defer { lab.close() }
        let own = "\(folder.path)/lab/\(node)/pg_wal"
        try lab.createSlot("archive", on: node)
        try fill()
        #expect(try receiveAll(node).status == 0)
        let before = try files(target.path)
        try fill()
        _ = try lab.checkpoint("p")
        if node != "p" { _ = try lab.checkpoint(node) }
        // What it may still ask for, from the start of its unfinished segment on, is there.
        let unfinished = try #require(before.last).replacingOccurrences(of: ".partial", with: "")
        #expect(try files(own).contains(unfinished))
        for name in try files(own) where name >= unfinished {
            #expect(FileManager.default.contents(atPath: "\(own)/\(name)")?.count == 1 << 20)
        }
        let second = try receiveAll(node)
        #expect(second.status == 0, "\(second.errors)")
        var compared = 0
        for name in try files(target.path) {
            let original = name.replacingOccurrences(of: ".partial", with: "")
            guard let mine = FileManager.default.contents(atPath: "\(own)/\(original)") else {
                #expect(before.contains(name), "\(name) was never there")
                continue
            }
            compared += 1
            let received = FileManager.default.contents(atPath: "\(target.path)/\(name)")
            #expect(received == mine, "\(name)")
        }
        #expect(compared >= 3)
        try lab.dropSlot("archive", on: node)
        _ = try lab.write("last", "1", on: "p")
        _ = try lab.checkpoint("p")
        if node != "p" { _ = try lab.checkpoint(node) }
        #expect(try files(own).first ?? "" > unfinished, "nothing keeps it any more")
    }

    @Test func `a slot that was lost leaves it with an error that names the segment`() throws {
        defer { lab.close() }
        try lab.createSlot("archive", on: "p")
        #expect(try receiveAll("p").status == 0)
        lab.set(.maxSlotWALKeepSize, to: 1)
        try fill()
        _ = try lab.checkpoint("p")
        let slot = try #require(lab.retention().first?.slots.first)
        #expect(slot.lostAt != nil && slot.restart == nil)
        let outcome = try receiveAll("p")
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains(
                "requested WAL segment 000000010000000000000001 has already been removed"))
    }
}
