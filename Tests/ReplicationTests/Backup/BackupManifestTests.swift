import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// The manifest's text, in the lines PostgreSQL 15.20 wrote.
struct BackupManifestTests {
    private let time = PostgresTime(microseconds: 848_756_957_000_000)

    private func file(_ path: String, _ count: Int) -> BackupFile {
        BackupFile(path: path, kind: .file(byteCount: count), modifiedAt: time)
    }

    private func manifest(
        _ algorithm: BaseBackupOptions.ChecksumAlgorithm, encoded: Bool = false,
        _ contents: (String, [UInt8])...
    ) -> String {
        var manifest = BackupManifest(algorithm, encodesNames: encoded)
        for (path, content) in contents {
            var checksum = FileChecksum(algorithm)
            checksum.update(content)
            manifest.add(file(path, content.count), checksum)
        }
        let range = BackupManifest.WALRange(
            timeline: .first, start: LSN(0x1B0_0028), end: LSN(0x1B0_0100))
        return String(decoding: manifest.finished([range]), as: UTF8.self)
    }

    @Test func `lines, checksums and the checksum of all of it`() {
        // The line of PG_VERSION is PostgreSQL's; the last was made with sha256sum.
        #expect(
            manifest(.crc32c, ("PG_VERSION", Array("15\n".utf8)), ("base/5/16384", []))
                == """
                { "PostgreSQL-Backup-Manifest-Version": 1,
                "Files": [
                { "Path": "PG_VERSION", "Size": 3, "Last-Modified": "2026-11-23 13:49:17 GMT", \
                "Checksum-Algorithm": "CRC32C", "Checksum": "8a744722" },
                { "Path": "base/5/16384", "Size": 0, "Last-Modified": "2026-11-23 13:49:17 GMT", \
                "Checksum-Algorithm": "CRC32C", "Checksum": "00000000" }
                ],
                "WAL-Ranges": [
                { "Timeline": 1, "Start-LSN": "0/1B00028", "End-LSN": "0/1B00100" }
                ],
                "Manifest-Checksum": \
                "eb7c7172f4237c21184e5041b2bf30abb3434daffb7572022465be1807e0ff60"}

                """)
    }

    @Test(
        arguments: [
            (.none, nil),
            (
                .sha224,
                "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"
            ),
            (
                .sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
            (
                .sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                    + "8086072ba1e7cc2358baeca134c825a7"
            ),
            (
                .sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ),
        ] as [(BaseBackupOptions.ChecksumAlgorithm, String?)])
    func `the other algorithms, and none`(
        _ algorithm: BaseBackupOptions.ChecksumAlgorithm, _ digest: String?
    ) {
        let text = manifest(algorithm, ("f", Array("abc".utf8)))
        let entry = digest.map {
            ", \"Checksum-Algorithm\": \"\(algorithm.rawValue)\", \"Checksum\": \"\($0)\""
        }
        #expect(
            text.contains(
                "{ \"Path\": \"f\", \"Size\": 3, \"Last-Modified\": \"2026-11-23 13:49:17 GMT\""
                    + (entry ?? "") + " }\n"))
    }

    @Test func `names are escaped as JSON, or all in hexadecimal digits`() {
        #expect(
            BackupManifest.escaped("a\"b\\c\n\t\r\u{8}\u{C}\u{1}ä/\u{1F600}")
                == "a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001ä/\u{1F600}")
        #expect(
            manifest(.none, encoded: true, ("base/5", [])).contains(
                "{ \"Encoded-Path\": \"626173652f35\", \"Size\": 0"))
    }

    @Test func `a backup of no files is a text all the same`() {
        #expect(
            manifest(.crc32c).hasPrefix(
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n],\n\"WAL-Ranges\""))
    }
}
