import WALFormat
import WireProtocol

/// `backup_manifest`: a JSON text that lists what is in a backup, with checksums, and closes with
/// the SHA-256 of all its lines before the last. PostgreSQL: `backup_manifest.c`.
///
/// - It grows by a line a file, and is kept until the end: of all a backup holds in memory it is
///   the only thing that grows.
struct BackupManifest: Hashable {
    private let algorithm: BaseBackupOptions.ChecksumAlgorithm
    private let encodesNames: Bool
    private var text: [UInt8]
    private var isEmpty = true

    init(_ algorithm: BaseBackupOptions.ChecksumAlgorithm, encodesNames: Bool) {
        self.algorithm = algorithm
        self.encodesNames = encodesNames
        text = Array("{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [".utf8)
    }

    /// A file that was sent whole.
    mutating func add(_ file: BackupFile, _ checksum: FileChecksum) {
        // A line is ended by the next one, since the last has no comma.
        append(isEmpty ? "\n" : ",\n")
        isEmpty = false
        append("{ " + pathEntry(file.path))
        append(", \"Size\": \(file.byteCount)")
        append(", \"Last-Modified\": \"\(file.modifiedAt.gmtText)\"")
        if let entry = checksum.entry {
            append(", \"Checksum-Algorithm\": \"\(entry.algorithm)\"")
            append(", \"Checksum\": \"\(entry.digest)\"")
        }
        append(" }")
    }

    /// The whole text, of a backup that needs these stretches of WAL.
    func finished(_ ranges: [WALRange]) -> [UInt8] {
        var whole = self
        whole.append("\n],\n\"WAL-Ranges\": [\n")
        whole.append(
            ranges.map {
                "{ \"Timeline\": \($0.timeline), \"Start-LSN\": \"\($0.start)\","
                    + " \"End-LSN\": \"\($0.end)\" }"
            }.joined(separator: ",\n"))
        whole.append("\n],\n")
        var digest = SHA2<UInt32>.sha256
        digest.update(whole.text)
        whole.append("\"Manifest-Checksum\": \"\(Hexadecimal.text(of: digest.digest))\"}\n")
        return whole.text
    }

    private mutating func append(_ piece: String) { text += piece.utf8 }

    private func pathEntry(_ path: String) -> String {
        guard !encodesNames else {
            return "\"Encoded-Path\": \"\(Hexadecimal.text(of: path.utf8))\""
        }
        return "\"Path\": \"\(Self.escaped(path))\""
    }

    /// PostgreSQL: `escape_json`.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\u{8}": return "\\b"
            case "\u{C}": return "\\f"
            case "\n": return "\\n"
            case "\r": return "\\r"
            case "\t": return "\\t"
            case "\"": return "\\\""
            case "\\": return "\\\\"
            case "\u{0}"..<" ": return "\\u00" + Hexadecimal.text(of: [UInt8(scalar.value)])
            default: return String(scalar)
            }
        }.joined()
    }

    /// A stretch of WAL on one timeline.
    struct WALRange: Hashable {
        let timeline: Timeline
        let start: LSN
        let end: LSN

        /// What a backup needs from its start to its end, newest timeline first; nil if the start
        /// is not in the end's history. PostgreSQL: `AddWALInfoToBackupManifest`.
        static func all(
            from start: LSN, on first: Timeline, to end: LSN, on last: Timeline,
            _ history: TimelineHistory
        ) -> [WALRange]? {
            var ranges: [WALRange] = []
            var end = end
            var timeline = last
            for entry in history.entries.reversed() where entry.timeline < last {
                guard timeline > first else { break }
                ranges.append(WALRange(timeline: timeline, start: entry.switchpoint, end: end))
                (timeline, end) = (entry.timeline, entry.switchpoint)
            }
            guard timeline == first else { return nil }
            return ranges + [WALRange(timeline: first, start: start, end: end)]
        }
    }
}
