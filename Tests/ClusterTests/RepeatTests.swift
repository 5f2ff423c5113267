import Foundation
import TestSupport
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// Two runs of one journal leave the same bytes on every disk and tell the same story.
struct RepeatTests {
    private static func journal(_ lab: Lab) throws -> [String] {
        var told: [String] = []
        func tell() { told.append("\(lab.snapshot()) \(lab.takeEvents())") }
        try lab.setDelay(.milliseconds(130), of: "r1")
        _ = try lab.load(60, prefix: "a", on: "p") { .milliseconds($0 * 17) }
        tell()
        try lab.partition("r2")
        _ = try lab.load(20, prefix: "b", on: "p") { .milliseconds($0 * 9) }
        tell()
        _ = try lab.reconnect("r2")
        _ = try lab.write("a:7", nil, on: "p")
        _ = try lab.crash("r1", deliversWire: false)
        tell()
        _ = try lab.restart("r1")
        #expect(lab.wait(.seconds(6)))
        tell()
        _ = try lab.crash("p", deliversWire: true)
        #expect(lab.wait(.seconds(1)))
        told.append("\(try lab.promote("r1"))")
        _ = try lab.load(600, prefix: "c", on: "r1") { _ in .zero }
        _ = try lab.restart("p")
        #expect(lab.wait(.seconds(6)))
        tell()
        return told
    }

    /// Every file of a lab's directory, but for the locks.
    private static func files(in path: String) throws -> [String: Data] {
        let names = try #require(FileManager.default.enumerator(atPath: path))
        var files: [String: Data] = [:]
        for case let name as String in names {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
            if !isFolder.boolValue {
                files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
            }
        }
        return files
    }

    @Test(arguments: [1, 7])
    func `the same journal leaves the same files and tells the same`(seed: UInt64) throws {
        var told: [[String]] = []
        var disks: [[String: Data]] = []
        for _ in 0..<3 {
            let folder = try TemporaryFolder()
            let lab = try watchedLab(LabOptions(seed: seed, directory: folder.path))
            told.append(try Self.journal(lab))
            lab.close()
            disks.append(try Self.files(in: folder.path))
        }
        #expect(told[1] == told[0])
        #expect(told[2] == told[0])
        for disk in disks.dropFirst() {
            #expect(disk.keys.sorted() == disks[0].keys.sorted())
            for (name, bytes) in disk { #expect(bytes == disks[0][name], "\(name)") }
        }
    }

    @Test func `a kept lab is reopened with its clock, its nodes and who follows whom`() throws {
        let folder = try TemporaryFolder()
        let first = try watchedLab(LabOptions(replicas: 2, directory: folder.path))
        _ = try first.load(10, prefix: "k", on: "p") { .milliseconds($0 * 100) }
        _ = try first.crash("p", deliversWire: false)
        _ = try first.promote("r1")
        let before = first.snapshot()
        first.close()
        let second = try watchedLab(LabOptions(directory: folder.path))
        defer { second.close() }
        let after = second.snapshot()
        #expect(second.wasReopened)
        #expect(after.time == before.time)
        #expect(after["r2"]?.role == .standby(upstream: "r1"))
        #expect(after["r2"]?.reception == .streaming)
        #expect(try second.read("k:10", on: "r2").value == "10")
    }

    @Test func `a lab whose process was killed knows who followed whom, over which slot`() throws {
        let folder = try TemporaryFolder()
        let killed = try watchedLab(LabOptions(replicas: 2, directory: folder.path + "/lab"))
        defer { killed.close() }
        _ = try killed.crash("p", deliversWire: false)
        _ = try killed.promote("r1")
        _ = try killed.createSlot("r2", on: "r1")
        try killed.useSlot("r2", on: "r2")
        _ = try killed.write("a", "1", on: "r1")
        // What the files are while it runs is what SIGKILL leaves.
        try FileManager.default.copyItem(
            atPath: folder.path + "/lab", toPath: folder.path + "/left")
        let lab = try watchedLab(LabOptions(directory: folder.path + "/left"))
        defer { lab.close() }
        let found = lab.snapshot()
        #expect(found.primary == "r1")
        #expect(found["r2"]?.role == .standby(upstream: "r1"))
        #expect(found["r2"]?.reception == .streaming)
        #expect(found.slots == ["r2": "r2"])
        #expect(try lab.read("a", on: "r2").value == "1")
    }
}
