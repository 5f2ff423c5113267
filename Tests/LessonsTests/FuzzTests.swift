import LabClock
import Testing

@testable import Lessons

/// Random files made of what such files are made of. A seed that fails can be run alone.
struct FuzzTests {
    private static let pieces = [
        "# Title", "text", "", " ", "\t", "```", "````", "~~~", "```sh", "```shiplog",
        "```shiplog setup", "```shiplog fails", "```shiplog skip=why", " ```shiplog", "```predict",
        "```task", "> say a", "> ! fail b", "> start replicas=1", ">", "> ", "a", "...", "[..]",
        "- one *", "- two", "because: x", "answer: time_lag r1", "goal: lost = 1", "goal: x",
        "hint: h",
        "when: lost = 1 -> y", "answer: y", "goal: y = 1", "solution: set x 1", "  more", "\r",
        "caf\u{E9}", "\u{FEFF}", "世界 👩‍👧",
    ]

    private func randomText(_ numbers: inout SeededDraws) -> String {
        let count = Int.random(in: 0...30, using: &numbers)
        let lines = (0..<count).map { _ in Self.pieces.randomElement(using: &numbers) ?? "" }
        let text = lines.joined(separator: "\n")
        return Bool.random(using: &numbers) ? text + "\n" : text
    }

    /// A file that parses: whole fences between random prose.
    private func randomDocument(_ numbers: inout SeededDraws) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            var lines = ["prose", "```shiplog"]
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                lines.append(
                    ["> say a b", "> say a b c d", "> say", "> say x"].randomElement(
                        using: &numbers) ?? "")
                for _ in 0..<Int.random(in: 0...3, using: &numbers) {
                    lines.append(
                        ["a", "b", "c", "...", "[..]", "x", ""].randomElement(using: &numbers) ?? ""
                    )
                }
            }
            text += (lines + ["```", ""]).joined(separator: "\n")
        }
        return Bool.random(using: &numbers) ? text : String(text.dropLast())
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `any text is parsed without loss or refused with a line of it`(_ seed: UInt64) {
        var numbers = SeededDraws(seed: seed)
        for _ in 0..<50 {
            let text = randomText(&numbers)
            switch parse(text) {
            case .success(let document):
                #expect(Array(document.source.utf8) == Array(text.utf8))
            case .failure(let error):
                #expect((1...max(1, SourceLine.lines(of: text).count)).contains(error.line))
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `any bytes are parsed without loss or refused`(_ seed: UInt64) {
        var numbers = SeededDraws(seed: seed)
        for _ in 0..<50 {
            let count = Int.random(in: 0...200, using: &numbers)
            let bytes = (0..<count).map { _ in
                Array("`~>! \n#-*:.[]ax\u{301}".utf8).randomElement(using: &numbers) ?? 0
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard case .success(let document) = parse(text) else { continue }
            #expect(Array(document.source.utf8) == Array(text.utf8))
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `an update makes a file pass, and a second one changes nothing`(_ seed: UInt64) throws {
        var numbers = SeededDraws(seed: seed)
        let world = ScriptedLab.World()
        for _ in 0..<20 {
            let document = try parse(randomDocument(&numbers)).get()
            let replay = Replay(document, startLab: world.start)
            let updated = try parse(document.updated(by: replay.changes)).get()
            let again = Replay(updated, startLab: world.start)
            #expect(again.findings == [])
            #expect(updated.updated(by: again.changes) == updated.source)
            let prose = { (document: MarkdownDocument) in
                document.blocks.filter { $0.content == .prose }.map(\.source)
            }
            #expect(prose(updated) == prose(document))
        }
    }
}
