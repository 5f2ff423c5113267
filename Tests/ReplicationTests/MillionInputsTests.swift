import JSON
import LabClock
import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// A million inputs to the decoders, half of them valid ones with a few bytes changed and half
/// noise, fed in pieces: none traps, none makes a decoder keep more than a message.
struct MillionInputsTests {
    enum Family: CaseIterable {
        case startup, frontend, backend, copyPayload, command, record, log, tar, json,
            manifest, history
    }

    @Test func `they are a million`() {
        #expect(Family.allCases.reduce(0) { $0 + $1.count } >= 1_000_000)
    }

    @Test(arguments: Family.allCases)
    func `no input traps a decoder or fills its memory`(family: Family) {
        var inputs = Inputs(family, seed: 1)
        var taken = 0
        for _ in 0..<family.count {
            if family.decode(inputs.next(), &inputs.random) { taken += 1 }
        }
        // Some of the inputs are good: the fuzzing reaches past the first check.
        #expect(taken > 0 && taken < family.count)
    }

    /// Inputs for one family.
    private struct Inputs {
        var random: SeededDraws
        private let samples: [[UInt8]]

        init(_ family: Family, seed: UInt64) {
            random = SeededDraws(seed: seed)
            samples = family.samples
        }

        mutating func next() -> [UInt8] {
            guard Int.random(in: 0..<4, using: &random) > 0 else { return noise() }
            var bytes = samples[Int.random(in: 0..<samples.count, using: &random)]
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                case 3: bytes.removeSubrange(place...)
                default:
                    let end = min(place + 4, bytes.count)
                    let value: UInt8 = Bool.random(using: &random) ? 0xFF : 0x7F
                    bytes.replaceSubrange(place..<end, with: repeatElement(value, count: 4))
                }
            }
            return bytes
        }

        private mutating func noise() -> [UInt8] {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<8, using: &random) {
                withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
            }
            return bytes
        }
    }
}

extension MillionInputsTests.Family {
    /// What an honest other end says.
    fileprivate var samples: [[UInt8]] {
        let startup = StartupMessage(
            user: "me", database: "replication", applicationName: "r1", replication: true)
        switch self {
        case .startup:
            return [
                FrontendMessage.sslRequest, .cancelRequest(processID: 1, secretKey: 2),
                .startup(startup),
            ].map { $0.encoded() }
        case .frontend:
            return [
                FrontendMessage.query("SELECT 1"), .sync, .terminate,
                .execute(portal: "", maximumRows: 1),
                .describe(.statement("s")), .copyDone,
            ].map { $0.encoded() }
        case .backend:
            return
                (Upstream.greeting + Upstream.identity(timeline: 2)
                + [
                    Upstream.wal(at: 64, [1, 2, 3]), .copyDone,
                    .errorResponse(ServerError(code: .undefinedFile, message: "gone")),
                ]).map { $0.encoded() }
        case .copyPayload:
            return [
                Upstream.wal(at: 64, [1, 2, 3]), Upstream.keepalive(replyRequested: true),
            ].compactMap { if case .copyData(let bytes) = $0 { bytes } else { nil } }
        case .command:
            return [
                "IDENTIFY_SYSTEM", "START_REPLICATION SLOT \"s\" 0/1000000 TIMELINE 2",
                "CREATE_REPLICATION_SLOT s TEMPORARY PHYSICAL (RESERVE_WAL)",
                "BASE_BACKUP ( LABEL 'x',  PROGRESS,  MAX_RATE 32,  MANIFEST 'yes')",
                "TIMELINE_HISTORY 2", "READ_REPLICATION_SLOT s", "SHOW wal_segment_size",
            ].map { Array($0.utf8) }
        case .record: return Self.records.map { $0.encoded() }
        case .log: return [Self.stretch]
        case .tar: return [Self.archive]
        case .json, .manifest:
            return [BackupManifest(.crc32c, encodesNames: false).finished([])]
        case .history: return [Array("1\t0/800\tno recovery target\n2\t0/900\tnone\n".utf8)]
        }
    }

    private static let records = [
        WALRecord(xid: TransactionID(700), body: .commit(instant)),
        WALRecord(
            xid: TransactionID(701),
            body: .generic([BlockReference(block: 3, data: [1, 0, 1, 0, 9])])),
        WALRecord(body: .logicalMessage(transactional: true, prefix: "p", content: [1, 2])),
    ]

    private static let stretch: [UInt8] = {
        var inserter = WALInserter(
            systemIdentifier: clusterNumber, timeline: .first, segmentSize: .oneMebibyte,
            at: LSN(1 << 20), previous: .invalid)
        for record in records { _ = inserter.insert(record) }
        return inserter.takePending()?.bytes ?? []
    }()

    private static let archive: [UInt8] = {
        let file = BackupFile(path: "file", kind: .file(byteCount: 3), modifiedAt: instant)
        return TarHeader.bytes(of: file) + [1, 2, 3] + [UInt8](repeating: 0, count: 509 + 1_024)
    }()
}

extension MillionInputsTests.Family {
    /// How many inputs: those whose check is a hash get fewer.
    fileprivate var count: Int {
        switch self {
        case .startup, .frontend, .backend, .copyPayload, .command, .json: 130_000
        case .record, .log: 100_000
        case .tar, .history: 30_000
        case .manifest: 2_000
        }
    }

    /// Decodes an input, in pieces where it may come in pieces; whether anything was taken.
    fileprivate func decode(_ bytes: [UInt8], _ random: inout SeededDraws) -> Bool {
        switch self {
        case .startup: return drain(FrontendDecoder(), bytes, &random)
        case .frontend: return drain(FrontendDecoder(phase: .commands), bytes, &random)
        case .backend: return drain(BackendDecoder(), bytes, &random)
        case .copyPayload: return (try? ReplicationMessage(decoding: bytes)) != nil
        case .command:
            return (try? ReplicationCommand.parse(String(decoding: bytes, as: UTF8.self))) != nil
        case .record: return (try? WALRecord(decoding: bytes)) != nil
        case .log: return readLog(bytes, &random)
        case .tar: return unpack(bytes, &random)
        case .json: return JSONValue(decoding: bytes) != nil
        case .manifest: return (try? ReceivedManifest(bytes, algorithm: "CRC32C")) != nil
        case .history:
            return (try? TimelineHistory(parsing: String(decoding: bytes, as: UTF8.self))) != nil
        }
    }

    private func pieces(_ bytes: [UInt8], _ random: inout SeededDraws) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...max(1, bytes.count), using: &random))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    private func drain<Decoder: BoundedDecoder>(
        _ decoder: Decoder, _ bytes: [UInt8], _ random: inout SeededDraws
    ) -> Bool {
        var decoder = decoder
        var taken = false
        for piece in pieces(bytes, &random) {
            decoder.feed(piece)
            do {
                while try decoder.takesNext() { taken = true }
            } catch { return taken }
            precondition(decoder.bufferedByteCount <= bytes.count, "more is kept than was fed")
        }
        return taken
    }

    private func readLog(_ bytes: [UInt8], _ random: inout SeededDraws) -> Bool {
        var reader = WALReader(
            at: LSN(1 << 20), previous: nil, segmentSize: .oneMebibyte,
            systemIdentifier: clusterNumber)
        var taken = false
        for piece in pieces(bytes, &random) {
            reader.feed(piece)
            while case .record = reader.next() { taken = true }
        }
        return taken
    }

    private func unpack(_ bytes: [UInt8], _ random: inout SeededDraws) -> Bool {
        var reader = TarReader()
        var taken = false
        for piece in pieces(bytes, &random) {
            guard let events = try? reader.feed(piece) else { return taken }
            taken = taken || !events.isEmpty
        }
        return taken
    }
}

/// A decoder that says how much it keeps.
private protocol BoundedDecoder {
    var bufferedByteCount: Int { get }
    mutating func feed(_ bytes: [UInt8])
    /// Whether there was a message.
    mutating func takesNext() throws -> Bool
}

extension FrontendDecoder: BoundedDecoder {
    fileprivate mutating func takesNext() throws -> Bool { try next() != nil }
}

extension BackendDecoder: BoundedDecoder {
    fileprivate mutating func takesNext() throws -> Bool { try next() != nil }
}
