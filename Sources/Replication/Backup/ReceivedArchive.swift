import WALFormat
import WireProtocol

/// A backup's archive while it arrives: what to write where, and what will be held against the
/// manifest.
struct ReceivedArchive: Hashable {
    /// A file that is arriving.
    private struct OpenFile: Hashable {
        let path: String
        var offset = 0
        var checksum = FileChecksum(.crc32c)
    }

    let start: BackupPositionReply
    /// Its name has come.
    var isNamed = false
    /// The files that have arrived, WAL aside.
    private(set) var files: [String: ReceivedManifest.Entry] = [:]
    private var walFileCount = 0
    private var walByteCount = 0
    private var label: [UInt8] = []
    private var tar = TarReader()
    private var open: OpenFile?

    init(start: BackupPositionReply) {
        self.start = start
    }

    /// It is complete.
    var hasEnded: Bool { tar.hasEnded }

    mutating func take(
        _ bytes: [UInt8]
    ) throws(BackupReceiver.Failure) -> [BackupReceiver.Action] {
        var actions: [BackupReceiver.Action] = []
        for event in try tar.feed(bytes) {
            switch event {
            case .directory(let path):
                actions.append(.makeDirectory(path))
            case .file(let path, let byteCount):
                open = OpenFile(path: path)
                if byteCount == 0 { actions.append(.write(path: path, at: 0, bytes: [])) }
            case .content(let piece):
                guard var file = open else { continue }
                actions.append(.write(path: file.path, at: file.offset, bytes: piece))
                file.offset += piece.count
                file.checksum.update(piece)
                if file.path == Self.labelPath, label.count < 4096 { label += piece }
                open = file
            case .fileEnd:
                close()
            }
        }
        return actions
    }

    private static let labelPath = "backup_label"

    private mutating func close() {
        guard let file = open else { return }
        open = nil
        if BackupPath.isWAL(file.path) {
            walFileCount += 1
            walByteCount += file.offset
        } else {
            files[file.path] = ReceivedManifest.Entry(
                byteCount: file.offset, checksum: file.checksum.entry?.digest ?? "")
        }
    }

    func summary(until end: BackupPositionReply) -> BackupReceiver.Summary {
        BackupReceiver.Summary(
            redo: start.position, checkpoint: checkpoint, timeline: start.timeline,
            end: end.position, endTimeline: end.timeline, fileCount: files.count,
            byteCount: files.values.reduce(0) { $0 + $1.byteCount }, walFileCount: walFileCount,
            walByteCount: walByteCount)
    }

    private var checkpoint: LSN? {
        let key = "CHECKPOINT LOCATION: "
        return String(decoding: label, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(key) }.flatMap { LSN(String($0.dropFirst(key.utf8.count))) }
    }
}
