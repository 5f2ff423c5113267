import LabClock
import Testing

@testable import Lessons

struct OutputPatternTests {
    @Test(arguments: [
        ("a", "a", true), ("a", "ab", false), ("a[..]", "a", true), ("a[..]", "abc", true),
        ("[..]c", "abc", true), ("a[..]c", "ac", true), ("a[..]c", "a", false),
        ("ab[..]bc", "abc", false), ("a[..]b[..]c", "a1b2c", true), ("a[..]b[..]c", "a1c", false),
        ("[..][..]", "", true), ("...", "...", false), ("a...", "abc", false),
        ("caf\u{E9}", "cafe\u{301}", false),
    ])
    func `a line stands for itself except where it is elided`(
        _ pattern: String, _ line: String, _ matches: Bool
    ) {
        #expect(OutputPattern(text: pattern).matches(line) == matches)
    }
}

struct AlignmentTests {
    private func updated(_ recorded: [String], _ printed: [String]) -> [String] {
        Alignment(recorded: recorded, printed: printed).updated
    }

    @Test(arguments: [
        (["a", "...", "d"], ["a", "b", "c", "d"], true), (["..."], [], true),
        (["...", "d"], ["a", "d", "d"], true), (["a", "...", "a"], ["a"], false),
        (["...", "b", "..."], ["a", "c"], false), (["a"], ["a", ""], false), ([], [], true),
        (["...", "b[..]", "..."], ["a", "bc", "d"], true),
    ])
    func `three dots stand for any lines`(
        _ recorded: [String], _ printed: [String], _ matches: Bool
    ) {
        #expect(Alignment(recorded: recorded, printed: printed).isMatch == matches)
    }

    @Test func `an update keeps elisions and rewrites the lines that differ`() {
        #expect(updated(["a", "...", "b"], ["a", "x", "y", "c"]) == ["a", "...", "c"])
        #expect(updated(["a", "...", "b"], ["x", "y", "z"]) == ["x", "...", "z"])
        #expect(updated(["t=[..] ok", "b"], ["t=9 ok", "c"]) == ["t=[..] ok", "c"])
        #expect(updated(["t=[..] ok", "b"], ["t=9 no", "b"]) == ["t=9 no", "b"])
        #expect(updated(["a", "b"], []) == [])
    }

    @Test func `dots taken literally stand for themselves`() {
        #expect(!Alignment(recorded: ["..."], printed: ["a"], literally: true).isMatch)
        #expect(
            Alignment(recorded: ["...", "[..]"], printed: ["...", "[..]"], literally: true).isMatch)
    }

    @Test func `two long outputs without a common line are replaced as a whole`() {
        let recorded = (0..<3000).map { "old \($0)" }
        let printed = (0..<3000).map { "new \($0)" }
        #expect(updated(recorded, printed) == printed)
    }

    /// Says whether the recorded lines stand for the printed ones, in the plainest way there is.
    private func stands(_ recorded: ArraySlice<String>, _ printed: ArraySlice<String>) -> Bool {
        guard let pattern = recorded.first else { return printed.isEmpty }
        if pattern == "..." {
            return stands(recorded.dropFirst(), printed)
                || (!printed.isEmpty && stands(recorded, printed.dropFirst()))
        }
        guard let line = printed.first, OutputPattern(text: pattern).matches(line) else {
            return false
        }
        return stands(recorded.dropFirst(), printed.dropFirst())
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `random lines: both sides come back, and an update settles it`(_ seed: UInt64) {
        var numbers = SeededDraws(seed: seed)
        let words = ["a", "b", "c", "ab", "...", "[..]", "a[..]", ""]
        func lines(from words: ArraySlice<String>) -> [String] {
            (0..<Int.random(in: 0...7, using: &numbers)).map { _ in
                words.randomElement(using: &numbers) ?? ""
            }
        }
        for _ in 0..<20 {
            let recorded = lines(from: words[...])
            let printed = lines(from: words[..<4] + words[7...])
            let alignment = Alignment(recorded: recorded, printed: printed)
            #expect(alignment.isMatch == stands(recorded[...], printed[...]))
            #expect(alignment.edits.flatMap(\.recordedLines) == recorded)
            #expect(alignment.edits.flatMap(\.printedLines) == printed)
            #expect(Alignment(recorded: alignment.updated, printed: printed).isMatch)
        }
    }
}

extension Alignment.Edit {
    var recordedLines: [String] {
        switch self {
        case .keep(let line, _), .remove(let line): [line]
        case .absorb: ["..."]
        case .insert: []
        }
    }

    var printedLines: [String] {
        switch self {
        case .keep(_, let line), .insert(let line): [line]
        case .absorb(let lines): lines
        case .remove: []
        }
    }
}

struct UnifiedDiffTests {
    private func diff(_ recorded: String, _ printed: String) -> [String] {
        let alignment = Alignment(
            recorded: recorded.map { String($0) }, printed: printed.map { String($0) })
        return UnifiedDiff(alignment).lines
    }

    @Test func `equal texts have no difference`() {
        #expect(diff("abc", "abc") == [])
    }

    @Test func `a change shows three lines of context on either side`() {
        #expect(
            diff("abcdefgh", "abcdXfgh")
                == ["@@ -2,7 +2,7 @@", " b", " c", " d", "-e", "+X", " f", " g", " h"])
    }

    @Test func `changes far apart are shown apart, near ones together`() {
        #expect(
            diff("abcdefghij", "Xbcdefghi")
                == ["@@ -1,4 +1,4 @@", "-a", "+X", " b", " c", " d"]
                + ["@@ -7,4 +7,3 @@", " g", " h", " i", "-j"])
        #expect(diff("abcd", "XbcY") == ["@@ -1,4 +1,4 @@", "-a", "+X", " b", " c", "-d", "+Y"])
    }

    @Test func `what is removed stands above what is inserted`() {
        #expect(diff("ab", "xy") == ["@@ -1,2 +1,2 @@", "-a", "-b", "+x", "+y"])
    }

    @Test func `an empty side begins at line zero`() {
        #expect(diff("", "a") == ["@@ -0,0 +1,1 @@", "+a"])
        #expect(diff("a", "") == ["@@ -1,1 +0,0 @@", "-a"])
    }
}
