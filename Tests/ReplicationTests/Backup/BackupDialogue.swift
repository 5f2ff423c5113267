import Replication
import WALFormat
import WireProtocol

/// A server's data directory in memory, and one client that takes a base backup of it.
struct BackupDialogue {
    /// An entry of the archive as the client finds it.
    struct Member: Hashable {
        var name: String
        var type: UInt8
        var content: [UInt8]
    }

    var server = WALSender.Server(flush: 0x1B0_0100)
    var options = BaseBackupOptions()
    /// Directories have nil.
    var files: [(path: String, content: [UInt8]?)] = []
    var walFiles: [BackupFile] = []
    var start = BaseBackup.Start(
        position: LSN(0x1B0_0028), checkpoint: LSN(0x1B0_0060), timeline: .first,
        isStandby: false, files: [])
    var end: BaseBackup.End?
    /// Changes the directory when a file is about to be read from the start.
    var meanwhile: (inout [String: [UInt8]], _ path: String) -> Void = { _, _ in }
    var room = 1 << 20

    private(set) var sender = ReplicationConversation()
    private(set) var actions: [ReplicationConversation.Action] = []
    /// The most bytes that were given out between two answers of the shell.
    private(set) var largestBurst = 0

    init(_ change: (inout BaseBackupOptions) -> Void = { _ in }) {
        change(&options)
    }

    mutating func add(_ path: String, _ content: [UInt8]?) { files.append((path, content)) }

    /// What is said from BASE_BACKUP on, until the sender is idle again or has to wait for time.
    mutating func run() {
        var disk: [String: [UInt8]] = [:]
        for file in files { disk[file.path] = file.content }
        for file in walFiles {
            disk[file.path] = [UInt8](repeating: 0x77, count: SegmentSize.oneMebibyte.byteCount)
        }
        carryOut(sender.commandReceived(.baseBackup(options), server: server), &disk)
        resume(&disk)
    }

    private mutating func resume(_ disk: inout [String: [UInt8]]) {
        for _ in 0..<100_000 {
            let next = sender.pump(server: server, room: room)
            if next.isEmpty { return }
            carryOut(next, &disk)
        }
    }

    private mutating func carryOut(
        _ wanted: [ReplicationConversation.Action], _ disk: inout [String: [UInt8]]
    ) {
        let burst = wanted.reduce(0) { $0 + ($1.backupData?.count ?? 0) }
        largestBurst = max(largestBurst, burst)
        actions += wanted
        for action in wanted {
            switch action {
            case .beginBackup:
                start.files = files.map {
                    let kind = $0.content.map { BackupFile.Kind.file(byteCount: $0.count) }
                    return BackupFile(
                        path: $0.path, kind: kind ?? .directory, modifiedAt: instant)
                }
                carryOut(sender.backupBegun(start, server: server), &disk)
            case .backup(.readFile(let path, let offset, let count)):
                if offset == 0 { meanwhile(&disk, path) }
                let piece = disk[path].map { Array($0.dropFirst(offset).prefix(count)) }
                carryOut(sender.fileRead(piece, server: server), &disk)
            case .backup(.end):
                let end =
                    end
                    ?? BaseBackup.End(
                        position: server.flushLSN, timeline: server.timeline,
                        history: server.history, isStandby: start.isStandby, walFiles: walFiles)
                carryOut(sender.backupEnded(end), &disk)
            default:
                break
            }
        }
    }

    // MARK: What the client gets

    /// All messages, without what the shell alone sees.
    var messages: [ReplicationConversation.Action] {
        actions.filter {
            switch $0 {
            case .send, .backup(.send): true
            default: false
            }
        }
    }

    /// The sizes and kinds of the messages, as `T D C n10 d512 p1024`.
    var outline: String {
        messages.map { action in
            switch action {
            case .send(let message): message.type.map { String(Unicode.Scalar($0)) } ?? "?"
            case .backup(.send(.data(let bytes))): "d\(bytes.count)"
            case .backup(.send(.archive(let name, let path))): "n\(name),\(path)"
            case .backup(.send(.progress(let count))): "p\(count)"
            case .backup(.send(.manifest)): "m"
            default: "?"
            }
        }.joined(separator: " ")
    }

    var archive: [UInt8] {
        data(messages.prefix { $0 != .backup(.send(.manifest)) })
    }

    var manifest: String {
        String(
            decoding: data(messages.drop { $0 != .backup(.send(.manifest)) }), as: UTF8.self)
    }

    var error: ServerError? {
        for case .send(.errorResponse(let error)) in actions { return error }
        return nil
    }

    private func data(_ messages: some Sequence<ReplicationConversation.Action>) -> [UInt8] {
        messages.reduce(into: []) { $0 += $1.backupData ?? [] }
    }

    /// The archive's members; nil if it is no archive.
    var members: [Member]? {
        let archive = archive
        guard archive.count % 512 == 0, archive.suffix(1024).allSatisfy({ $0 == 0 }) else {
            return nil
        }
        var members: [Member] = []
        var offset = 0
        while offset < archive.count - 1024 {
            let header = archive[offset..<offset + 512]
            let name = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
            let digits = archive[offset + 124..<offset + 135]
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 8),
                offset + 512 + size <= archive.count
            else { return nil }
            let content = Array(archive[offset + 512..<offset + 512 + size])
            members.append(Member(name: name, type: archive[offset + 156], content: content))
            offset += 512 + (size + 511) / 512 * 512
        }
        return members
    }
}

extension ReplicationConversation.Action {
    var backupData: [UInt8]? {
        if case .backup(.send(.data(let bytes))) = self { bytes } else { nil }
    }
}
