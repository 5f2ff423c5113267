import LabClock
import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// Archives and manifests that no honest server sends. Each is refused, and none is a trap.
struct HostileBackupTests {
    private static let files: [(path: String, content: [UInt8]?)] = [
        ("base", nil), ("base/file", [UInt8](repeating: 7, count: 1000)),
    ]

    /// Where things are: the label with its header takes two blocks, the directory one.
    private static let fileHeader = 3 * 512

    /// A backup whose file's header is changed, with a right checksum if not said otherwise.
    private func refusal(
        sums: Bool = true, _ change: (inout [UInt8], _ header: Int) -> Void
    ) throws -> BackupReceiver.Failure? {
        var sent = try SentBackup(Self.files)
        try sent.rewrite { archive in
            change(&archive, Self.fileHeader)
            if sums { Self.sum(&archive, Self.fileHeader) }
        }
        return sent.received().failure
    }

    private static func sum(_ archive: inout [UInt8], _ header: Int) {
        for index in 148..<156 { archive[header + index] = 0x20 }
        let sum = archive[header..<header + 512].reduce(0) { $0 + UInt64($1) }
        archive.replaceSubrange(header + 148..<header + 156, with: TarHeader.number(sum, width: 8))
    }

    private static func name(_ text: String, _ archive: inout [UInt8], _ header: Int) {
        let field = Array(text.utf8) + [UInt8](repeating: 0, count: 100)
        archive.replaceSubrange(header..<header + 100, with: field.prefix(100))
    }

    @Test func `the archive as it is passes, so that the changes are what is refused`() throws {
        #expect(try SentBackup(Self.files).received().summary?.fileCount == 2)
        var beginsWithName = false
        let failure = try refusal { archive, header in
            beginsWithName = archive[header...].starts(with: "base/file".utf8)
        }
        #expect(beginsWithName)
        #expect(failure == nil)
    }

    @Test(arguments: [
        "/etc/passwd", "../x", "base/../../x", "base/./x", "base//x", "", "basebackup.incomplete",
        "shiplog.lock", "backup_manifest", "a\u{1B}[2J", "x\ny",
    ])
    func `a name that leads out of the directory, or to what is not the server's`(
        name: String
    ) throws {
        let failure = try refusal { Self.name(name, &$0, $1) }
        #expect(
            failure == .badArchive("the name \"\(name)\" leads out of the directory"), "\(name)")
    }

    @Test func `a name that is no text, comes twice, or before its directory`() throws {
        #expect(
            try refusal { $0[$1] = 0xFF } == .badArchive("a name that is no text"))
        #expect(
            try refusal { Self.name("backup_label", &$0, $1) }
                == .badArchive("\"backup_label\" comes twice"))
        #expect(
            try refusal { Self.name("other/file", &$0, $1) }
                == .badArchive("\"other/file\" comes before its directory"))
    }

    @Test(arguments: [UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "x"), 255])
    func `links and whatever else is neither file nor directory`(type: UInt8) throws {
        #expect(
            try refusal { $0[$1 + 156] = type }
                == .badArchive("\"base/file\" is neither file nor directory (type \(type))"))
    }

    @Test func `lengths that are too long, or none`() throws {
        func length(_ field: [UInt8]) throws -> BackupReceiver.Failure? {
            try refusal { $0.replaceSubrange($1 + 124..<$1 + 136, with: field) }
        }
        #expect(
            try length(Array("77777777777 ".utf8))
                == .badArchive("\"base/file\" is said to have 8589934591 bytes"))
        #expect(
            try length(TarHeader.number(1 << 40, width: 12))
                == .badArchive("\"base/file\" is said to have 1099511627776 bytes"))
        let none = BackupReceiver.Failure.badArchive("\"base/file\" has no length")
        #expect(try length([0x80] + [UInt8](repeating: 0xFF, count: 11)) == none)
        #expect(try length(Array("9999        ".utf8)) == none)
        #expect(try length([UInt8](repeating: 0, count: 12)) == none)
        #expect(try length([UInt8](repeating: 0xFF, count: 12)) == none)
    }

    @Test func `a header with a wrong checksum, and one that is none`() throws {
        #expect(
            try refusal(sums: false) { $0[$1 + 3] ^= 1 }
                == .badArchive("a header with a wrong checksum"))
        #expect(try refusal { $0[$1 + 257] = 0 } == .badArchive("not a tar header"))
    }

    @Test func `an archive that ends early, or goes on behind its end`() throws {
        for gone in [1, 512, 1024, 3000] {
            var sent = try SentBackup(Self.files)
            try sent.rewrite { $0.removeLast(gone) }
            #expect(sent.received().failure != nil, "\(gone)")
        }
        var longer = try SentBackup(Self.files)
        try longer.rewrite { $0.append(0) }
        #expect(longer.received().failure == .badArchive("it goes on behind its end"))
    }

    @Test func `one changed byte of a file is found by its checksum`() throws {
        var sent = try SentBackup(Self.files)
        try sent.rewrite { $0[Self.fileHeader + 512 + 500] ^= 1 }
        let reception = sent.received()
        #expect(
            reception.outcome
                == .failed(
                    .badManifest("the checksum of \"base/file\" is wrong"),
                    directoryIsTouched: true))
        #expect(reception.manifest == nil)
    }

    /// A manifest that was changed, with its own checksum made right again.
    private func refusal(manifest change: (String) -> String) throws -> BackupReceiver.Failure? {
        var sent = try SentBackup(Self.files)
        try sent.rewrite(ofManifest: true) { bytes in
            let text = change(String(decoding: bytes, as: UTF8.self))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let before = lines.dropLast(2).joined(separator: "\n") + "\n"
            var digest = SHA2<UInt32>.sha256
            digest.update(Array(before.utf8))
            let sum = Hexadecimal.text(of: digest.digest)
            bytes = Array((before + "\"Manifest-Checksum\": \"\(sum)\"}\n").utf8)
        }
        return sent.received().failure
    }

    @Test func `a manifest of other files, or of other WAL`() throws {
        #expect(try refusal { $0 } == nil)
        #expect(
            try refusal { $0.replacing("base/file", with: "base/none") }
                == .badManifest("\"base/none\" is missing"))
        #expect(
            try refusal { $0.replacing("\"Size\": 1000", with: "\"Size\": 1001") }
                == .badManifest("\"base/file\" has 1000 bytes instead of 1001"))
        #expect(
            try refusal { $0.replacing("0/1B00100", with: "0/1B00200") }
                == .badManifest("its WAL is not from 0/1B00028 to 0/1B00100"))
        #expect(
            try refusal { $0.replacing("\"CRC32C\"", with: "\"NONE\"") }
                == .badManifest("an entry is incomplete"))
        #expect(
            try refusal { $0.replacing("Version\": 1", with: "Version\": 2") }
                == .badManifest("it is of another version than 1"))
        #expect(
            try refusal { $0.replacing("\"Files\"", with: "\"Filed\"") }
                == .badManifest("it lists no files or no WAL"))
        #expect(try refusal { "[" + $0 } == .badManifest("it is no JSON text"))
        #expect(
            try refusal { $0.replacing("base/file", with: "backup_label") }
                == .badManifest("it lists \"backup_label\" twice"))
    }

    @Test func `a file that the manifest does not know`() throws {
        var sent = try SentBackup([Self.files[0]])
        let other = try SentBackup(Self.files)
        let isManifest = { (message: BackendMessage) in
            message == .copyData(SentBackup.payload(.manifest))
        }
        let own = try #require(sent.messages.firstIndex(where: isManifest))
        let cut = try #require(other.messages.firstIndex(where: isManifest))
        sent.messages = Array(other.messages[..<cut]) + Array(sent.messages[own...])
        #expect(sent.received().failure == .badManifest("\"base/file\" is not in it"))
    }

    @Test func `a manifest whose own checksum is wrong, or that has no end`() throws {
        var sent = try SentBackup(Self.files)
        try sent.rewrite(ofManifest: true) { $0[10] ^= 1 }
        #expect(sent.received().failure == .badManifest("its own checksum is wrong"))
        var short = try SentBackup(Self.files)
        try short.rewrite(ofManifest: true) { $0 = Array("x".utf8) }
        #expect(short.received().failure == .badManifest("it has no last line"))
    }

    @Test func `any byte of a small backup may be anything`() throws {
        var generator = SeededDraws(seed: 11)
        for isManifest in [false, true] {
            for _ in 0..<600 {
                var sent = try SentBackup(Self.files)
                try sent.rewrite(ofManifest: isManifest) { bytes in
                    let at = Int.random(in: bytes.indices, using: &generator)
                    bytes[at] = UInt8.random(in: 0...255, using: &generator)
                    if Bool.random(using: &generator) { bytes.removeLast(bytes.count - at) }
                }
                var reception = sent.received()
                reception.close()
                #expect(reception.outcome != nil)
            }
        }
    }
}
