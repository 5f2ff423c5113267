import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// A directory in memory that a base backup fills, and what was said on the way.
struct Reception {
    private(set) var receiver = BackupReceiver(name: "r1", timeout: .seconds(60))
    private(set) var directories: [String] = []
    private(set) var files: [String: [UInt8]] = [:]
    private(set) var manifest: [UInt8]?
    private(set) var wasEmptied = false
    private(set) var outcome: BackupReceiver.Outcome?
    private(set) var commands: [String] = []
    private(set) var hungUp = false

    var failure: BackupReceiver.Failure? {
        if case .failed(let failure, _) = outcome { failure } else { nil }
    }

    var summary: BackupReceiver.Summary? {
        if case .complete(let summary) = outcome { summary } else { nil }
    }

    /// Connects, and hears the server's greeting.
    mutating func greet() {
        carryOut(receiver.connect(now: instant))
        carryOut(receiver.dialled(now: instant))
        hear([.authenticationOK, .readyForQuery(.idle)])
    }

    mutating func hear(_ messages: [BackendMessage]) {
        for message in messages { carryOut(receiver.received(message, now: instant)) }
    }

    mutating func carryOut(_ actions: [BackupReceiver.Action]) {
        for action in actions {
            #expect(outcome == nil, "\(action) after the end")
            switch action {
            case .dial: break
            case .send(.query(let text)): commands.append(text)
            case .send: break
            case .emptyDirectory: wasEmptied = true
            case .makeDirectory(let path): directories.append(path)
            case .write(let path, let offset, let bytes):
                #expect(files[path]?.count ?? 0 == offset)
                files[path, default: []] += bytes
            case .finish(let text):
                manifest = text
                carryOut(receiver.stored())
            case .disconnect: hungUp = true
            case .ended(let how): outcome = how
            }
        }
    }

    mutating func time(_ seconds: Int) {
        carryOut(receiver.deadlineReached(now: instant.advanced(by: .seconds(seconds))))
    }

    mutating func close() { carryOut(receiver.connectionClosed()) }
    mutating func breakFrames() { carryOut(receiver.framesBroken("x")) }
    mutating func failStorage() { carryOut(receiver.storageFailed("no room")) }
}

/// What a server with some files sends, as messages.
struct SentBackup {
    var messages: [BackendMessage]

    /// The conversation of a real sender with the files given.
    init(
        _ files: [(path: String, content: [UInt8]?)], withWAL: Bool = false,
        _ change: (inout BackupDialogue) -> Void = { _ in }
    ) throws {
        var reception = Reception()
        reception.greet()
        let command = try #require(reception.commands.first)
        guard case .baseBackup(let options) = try ReplicationCommand.parse(command) else {
            throw ReplyError.rowCount(0)
        }
        var dialogue = BackupDialogue()
        dialogue.options = options
        dialogue.options.includesWAL = withWAL
        dialogue.walFiles = [
            BackupFile(
                path: "pg_wal/00000001000000000000001B", kind: .file(byteCount: 1 << 20),
                modifiedAt: instant)
        ]
        for file in files { dialogue.add(file.path, file.content) }
        change(&dialogue)
        dialogue.run()
        messages = dialogue.messages.compactMap { action in
            switch action {
            case .send(let message): message
            case .backup(.send(let message)): .copyData(Self.payload(message))
            default: nil
            }
        }
    }

    static func payload(_ message: BackupMessage) -> [UInt8] {
        Array(message.framed().dropFirst(5))
    }

    /// The same bytes of archive and manifest, cut into pieces of another size.
    func cut(into size: Int) -> [BackendMessage] {
        messages.flatMap { message -> [BackendMessage] in
            guard case .copyData(let payload) = message, payload.first == UInt8(ascii: "d") else {
                return [message]
            }
            let bytes = Array(payload.dropFirst())
            return stride(from: 0, to: bytes.count, by: size).map {
                let piece = Array(bytes[$0..<min(bytes.count, $0 + size)])
                return .copyData(Self.payload(.data(piece)))
            }
        }
    }

    /// Changes the bytes of the archive, or of the manifest behind it.
    mutating func rewrite(
        ofManifest: Bool = false, _ change: (inout [UInt8]) -> Void
    ) throws {
        let mark = try #require(
            messages.firstIndex(of: .copyData(Self.payload(.manifest))))
        let isData = { (message: BackendMessage) in
            if case .copyData(let payload) = message, payload.first == UInt8(ascii: "d") {
                return true
            }
            return false
        }
        let indices = messages.indices.filter {
            isData(messages[$0]) && ($0 > mark) == ofManifest
        }
        let first = try #require(indices.first)
        var bytes: [UInt8] = indices.reduce(into: []) { bytes, index in
            if case .copyData(let payload) = messages[index] { bytes += payload.dropFirst() }
        }
        change(&bytes)
        for index in indices.reversed() { messages.remove(at: index) }
        messages.insert(.copyData(Self.payload(.data(bytes))), at: first)
    }

    /// What becomes of it at the other end.
    func received() -> Reception {
        var reception = Reception()
        reception.greet()
        reception.hear(messages)
        return reception
    }
}
