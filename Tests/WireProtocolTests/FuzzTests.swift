import LabClock
import Testing
import WALFormat

@testable import WireProtocol

/// Seeded mutations of whole sessions: a decoder may refuse, but it never traps, never stalls on
/// bytes it has, and never holds more than a message.
struct FuzzTests {
    private static let startup = [FrontendMessage.sslRequest, MessageSamples.startup]
        .flatMap { $0.encoded() }
    private static let session =
        MessageSamples.frontend.filter { $0.encoded().count < 200 }.flatMap { $0.encoded() }
    private static let answers = MessageSamples.backend.flatMap { $0.encoded() }
    private static let payloads = ReplicationMessageTests.samples.map { $0.encoded() }

    /// One to four bytes flipped, inserted, removed, or a length made absurd.
    private func mutate(_ bytes: [UInt8], _ random: inout SeededDraws) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.insert(.random(in: 0...255, using: &random), at: place)
            case 2: bytes.remove(at: place)
            default:
                let extreme = [0, -1, Int(Int32.max)].randomElement(using: &random) ?? 0
                bytes.replaceSubrange(
                    place..<min(place + 4, bytes.count), with: length(extreme))
            }
        }
        return bytes
    }

    /// The messages and the error that end a run, with the bytes fed in random pieces.
    private func run<D: Decoding>(
        _ decoder: D, _ bytes: [UInt8], _ random: inout SeededDraws,
        _ handle: (inout D, D.Message) -> Void = { _, _ in }
    ) -> (messages: [D.Message], errors: [FrameError]) {
        var decoder = decoder
        var messages: [D.Message] = []
        var errors: [FrameError] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &random))
            rest = rest.dropFirst(piece.count)
            decoder.feed(Array(piece))
            drain: while true {
                do throws(FrameError) {
                    guard let message = try decoder.next() else { break drain }
                    messages.append(message)
                    handle(&decoder, message)
                } catch {
                    errors.append(error)
                    guard case .error = error.answer, decoder is FrontendDecoder else {
                        return (messages, errors)
                    }
                }
            }
            #expect(decoder.bufferedByteCount <= 1 << 20)
        }
        return (messages, errors)
    }

    @Test func `mutated client sessions never trap, and cutting them changes nothing`() {
        var random = SeededDraws(seed: 1)
        for _ in 0..<10_000 {
            let bytes = mutate(Self.startup + Self.session, &random)
            let enter: (inout FrontendDecoder, FrontendMessage) -> Void = { decoder, _ in
                if decoder.phase == .authenticating { decoder.enter(.commands) }
            }
            let once = run(FrontendDecoder(), bytes, &random, enter)
            let again = run(FrontendDecoder(), bytes, &random, enter)
            #expect(once.messages == again.messages)
            #expect(once.errors == again.errors)
        }
    }

    @Test func `mutated startup packets never trap`() {
        var random = SeededDraws(seed: 2)
        for _ in 0..<20_000 {
            let outcome = run(FrontendDecoder(), mutate(Self.startup, &random), &random)
            for message in outcome.messages {
                guard case .startup(let startup) = message else { continue }
                #expect(!startup.user.isEmpty)
                _ = (startup.mode, startup.negotiation, startup.database)
            }
        }
    }

    @Test func `mutated server answers never trap, and cutting them changes nothing`() {
        var random = SeededDraws(seed: 3)
        for _ in 0..<10_000 {
            let bytes = mutate(Self.answers, &random)
            let once = run(BackendDecoder(), bytes, &random)
            let again = run(BackendDecoder(), bytes, &random)
            #expect(once.messages == again.messages)
            #expect(once.errors == again.errors)
        }
    }

    @Test func `what a decoder gives encodes to what it gives`() throws {
        var random = SeededDraws(seed: 4)
        for _ in 0..<3_000 {
            let mutated = mutate(Self.answers, &random)
            for message in run(BackendDecoder(), mutated, &random).messages {
                var decoder = BackendDecoder()
                decoder.feed(message.encoded())
                #expect(try decoder.next() == message)
            }
        }
    }

    @Test func `mutated payloads never trap`() throws {
        var random = SeededDraws(seed: 5)
        for round in 0..<20_000 {
            let bytes = mutate(Self.payloads[round % Self.payloads.count], &random)
            if let message = try? ReplicationMessage(decoding: bytes) {
                #expect(try ReplicationMessage(decoding: message.encoded()) == message)
                if case .xLogData(let data) = message { _ = data.end }
            }
            _ = try? BackupMessage(decoding: bytes)
        }
    }

    @Test func `mutated commands never trap, and every refusal can be sent`() {
        var random = SeededDraws(seed: 6)
        let texts =
            ReplicationCommandTests.real.map(\.0)
            + ["BASE_BACKUP ( LABEL 'x',  PROGRESS,  MAX_RATE 32,  MANIFEST 'yes')"]
        for round in 0..<10_000 {
            let bytes = mutate(Array(texts[round % texts.count].utf8), &random)
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(SQLSyntaxError) {
                let command = try ReplicationCommand.parse(text)
                #expect((try? ReplicationCommand.parse(command.description)) == command)
            } catch {
                #expect((1...text.unicodeScalars.count + 1).contains(error.position))
                #expect(BackendMessage.errorResponse(error.serverError).encoded().count > 5)
            }
        }
    }
}
