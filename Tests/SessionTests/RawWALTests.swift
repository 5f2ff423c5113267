import Cluster
import CommandLanguage
import Foundation
import Session
import TestSupport
import Testing

/// The bytes of records, as they are in the segment files.
struct RawWALTests {
    @Test func `each row is followed by its record's bytes, 16 a line`() throws {
        try withSession { session in
            session.say("set a 1")
            let lines = session.say("wal 0/100110 --raw")
            #expect(lines.count == 5)
            #expect(lines[1] == "0/100110      34    3  COMMIT 03:00:00.000: a = 1")
            #expect(
                lines[2].hasPrefix("  0000  22 00 00 00 03 00 00 00 a0 00 10 00 00 00 00 00  |\""))
            #expect(lines[4].hasPrefix("  0020  "))
            #expect(lines.allSatisfy { $0.utf8.count <= 80 })
            #expect(lines.dropFirst(2).allSatisfy { $0.hasSuffix("|") })
        }
    }

    @Test func `the bytes are those of the segment file`() throws {
        let folder = try TemporaryFolder()
        let lab = try Lab(LabOptions(replicas: 0, directory: folder.path + "/lab"))
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        session.say(
            "set a 1", "begin; set b 2; delete a; rollback", "checkpoint", "set a 3", "vacuum")
        let segment = folder.path + "/lab/p/pg_wal/000000010000000000000001"
        let file = try Data(contentsOf: URL(filePath: segment))
        for line in session.run("wal 0/100000.. --raw --json").lines {
            let record = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let raw = try #require(record["raw"] as? String)
            let length = try #require(record["length"] as? Int)
            let lsn = try #require(record["lsn"] as? String)
            let start = try #require(Int(lsn.dropFirst(2), radix: 16)) - 0x100000
            let bytes = file[start..<start + length].map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }
            #expect(bytes.joined() == raw, "\(lsn)")
        }
    }

    @Test func `without the flag no bytes are said`() throws {
        try withSession { session in
            #expect(session.say("wal").count == 2)
            #expect(!session.run("wal --json").lines[0].contains("\"raw\""))
        }
    }
}
