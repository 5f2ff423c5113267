import CommandLanguage
import LabClock
import Testing

@testable import Session

struct LanguageFuzzTests {
    /// Pieces that lines are put together from: what the grammar knows, and what it does not.
    private static let pieces =
        language.table.specs.map(\.name) + [
            "p", "r1", "r9", "primary", "pay:7", "every", "as", "wire=drop", "wire=", "=", "800ms",
            "1s/15",
            "66", "-1ms", "1e9", "10,000", "9223372036854775808", "0/1000060", "..", "0/1..0/2",
            "--json",
            "--help", "--x", "--raw", "full", "eio", "ok", "torn", "page", "0", "'", "\"", "\\",
            ";", "#", "\n", "\r", "\t", " ", " ", " ", "日本",
            "e\u{301}", "🙂",
            "\u{0}", "\u{1b}[2J", "\u{202e}", "?", "\\q", ".", "/", "99999999999999999999h",
            "0.1ns",
        ]

    private func line(_ random: inout SeededDraws) -> String {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in
            let piece = Self.pieces.randomElement(using: &random) ?? ""
            return Bool.random(using: &random) ? piece + " " : piece
        }.joined()
    }

    @Test(arguments: 0..<10)
    func `ten thousand random lines each give commands or an error`(_ seed: UInt64) {
        var random = SeededDraws(seed: seed)
        for number in 0..<10_000 {
            let text = line(&random)
            let context: ParsingContext = number.isMultiple(of: 2) ? .prompt : .lab
            if let found = error(text, context) {
                let lines = [found.message, found.advice, found.caretLine()]
                let isOneLineEach = lines.allSatisfy { line in
                    !line.isEmpty && !line.contains { $0.isNewline }
                }
                if !isOneLineEach { Issue.record("\(text.debugDescription): \(lines)") }
            }
            let completion = Completion.candidates(
                line: text, cursor: Int.random(in: -1...20, using: &random), table: language.table,
                context: context)
            let hint = Hint.forLine(text, table: language.table, context: context)
            if completion.start > text.utf8.count || !hint.utf8.allSatisfy({ $0 < 0x80 }) {
                Issue.record("\(text.debugDescription): \(completion) \(hint)")
            }
        }
    }

    @Test func `what a quoted word says is what was quoted`() throws {
        var random = SeededDraws(seed: 7)
        for _ in 0..<2000 {
            let key = line(&random).filter { $0 != "\u{0}" }
            // A bare node word is a node: a key of that name needs quotes a learner chooses.
            guard !key.isEmpty, ParsingContext.lab.node(key) == nil else { continue }
            let set = try #require(try command("set \(ShellQuote.quoted(key)) v"))
            #expect(isSame(set, SetCommand(node: nil, key: key, value: "v")))
        }
    }

    @Test func `a parsed command's text parses to the same command`() throws {
        var random = SeededDraws(seed: 11)
        for _ in 0..<20_000 {
            guard let parsed = try? language.commands(of: line(&random), in: .lab) else { continue }
            for each in parsed {
                let again = try #require(try command(each.text))
                #expect(isSame(again, each.command.command))
            }
        }
    }
}
