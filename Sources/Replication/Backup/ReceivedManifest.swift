import JSON
import WALFormat

/// A `backup_manifest` as it arrived, read and held against what arrived before it. PostgreSQL:
/// `pg_verifybackup`.
struct ReceivedManifest: Hashable {
    /// The longest that is read: some 400,000 files.
    static let maximumByteCount = 64 << 20

    /// What is said of a file.
    struct Entry: Hashable {
        let byteCount: Int
        /// Of the algorithm that was asked for, in hexadecimal.
        let checksum: String
    }

    let files: [String: Entry]
    let ranges: [BackupManifest.WALRange]

    /// Reads a manifest whose checksums are of the algorithm asked for.
    init(_ text: [UInt8], algorithm: String) throws(BackupReceiver.Failure) {
        try Self.checkOwnChecksum(text)
        guard let json = JSONValue(decoding: text) else { throw .badManifest("it is no JSON text") }
        guard json["PostgreSQL-Backup-Manifest-Version"]?.int == 1 else {
            throw .badManifest("it is of another version than 1")
        }
        guard let listed = json["Files"]?.array, let ranges = json["WAL-Ranges"]?.array else {
            throw .badManifest("it lists no files or no WAL")
        }
        var files: [String: Entry] = [:]
        for file in listed {
            guard let path = Self.path(file), let byteCount = file["Size"]?.int,
                file["Checksum-Algorithm"]?.string == algorithm,
                let checksum = file["Checksum"]?.string
            else { throw .badManifest("an entry is incomplete") }
            let entry = Entry(byteCount: byteCount, checksum: checksum.lowercased())
            guard files.updateValue(entry, forKey: path) == nil else {
                throw .badManifest("it lists \"\(path)\" twice")
            }
        }
        self.files = files
        self.ranges = try ranges.map { (range) throws(BackupReceiver.Failure) in
            guard let timeline = range["Timeline"]?.int.flatMap({ UInt32(exactly: $0) }),
                let start = range["Start-LSN"]?.string.flatMap({ LSN($0) }),
                let end = range["End-LSN"]?.string.flatMap({ LSN($0) })
            else { throw .badManifest("a range of WAL is incomplete") }
            return BackupManifest.WALRange(timeline: Timeline(timeline), start: start, end: end)
        }
    }

    /// Holds it against what was received; WAL is not listed.
    func verify(_ received: [String: Entry]) throws(BackupReceiver.Failure) {
        for (path, entry) in files.sorted(by: { $0.key < $1.key }) {
            guard let file = received[path] else { throw .badManifest("\"\(path)\" is missing") }
            guard file.byteCount == entry.byteCount else {
                throw .badManifest(
                    "\"\(path)\" has \(file.byteCount) bytes instead of \(entry.byteCount)")
            }
            guard file.checksum == entry.checksum else {
                throw .badManifest("the checksum of \"\(path)\" is wrong")
            }
        }
        if let stranger = received.keys.filter({ files[$0] == nil }).min() {
            throw .badManifest("\"\(stranger)\" is not in it")
        }
    }

    /// Holds its WAL against where the backup began and ended, as the server said.
    func verify(from start: LSN, upTo end: LSN) throws(BackupReceiver.Failure) {
        guard ranges.first?.end == end, ranges.last?.start == start else {
            throw .badManifest("its WAL is not from \(start) to \(end)")
        }
    }

    private static func path(_ file: JSONValue) -> String? {
        if let path = file["Path"]?.string { return path }
        guard let digits = file["Encoded-Path"]?.string.map({ Array($0.utf8) }),
            digits.count.isMultiple(of: 2)
        else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The last line holds the SHA-256 of all before it.
    private static func checkOwnChecksum(_ text: [UInt8]) throws(BackupReceiver.Failure) {
        guard text.last == 10, let lineEnd = text.dropLast().lastIndex(of: 10) else {
            throw .badManifest("it has no last line")
        }
        var digest = SHA2<UInt32>.sha256
        digest.update(text[...lineEnd])
        let expected = "\"Manifest-Checksum\": \"\(Hexadecimal.text(of: digest.digest))\"}\n"
        guard text[(lineEnd + 1)...].elementsEqual(expected.utf8) else {
            throw .badManifest("its own checksum is wrong")
        }
    }
}
