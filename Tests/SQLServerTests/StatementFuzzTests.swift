import LabClock
import Testing
import WireProtocol

@testable import SQLServer

/// Seeded mutations of statements: a parser may refuse, but it never traps.
struct StatementFuzzTests {
    /// One to four bytes flipped, inserted or removed.
    private func mutate(_ text: String, _ random: inout SeededDraws) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.insert(.random(in: 0...255, using: &random), at: place)
            default: bytes.remove(at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `mutated statements never trap, and every refusal can be sent`() {
        var random = SeededDraws(seed: 6)
        let texts =
            SQLStatementTests.writes.map(\.0) + SQLStatementTests.others.map(\.0)
            + SQLStatementTests.selections.map(\.0)
            + SQLStatementTests.expressions.map { "SELECT \($0.0)" }
        for round in 0..<30_000 {
            let text = mutate(texts[round % texts.count], &random)
            do throws(SQLSyntaxError) {
                for statement in try SQLStatement.parse(text) { _ = statement.parameterCount }
            } catch {
                #expect((1...text.unicodeScalars.count + 1).contains(error.position))
                #expect(BackendMessage.errorResponse(error.serverError).encoded().count > 5)
            }
        }
    }
}
