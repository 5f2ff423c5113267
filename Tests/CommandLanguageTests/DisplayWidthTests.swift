import CommandLanguage
import Testing

struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한글", 4), ("ﾊ", 1), ("Ａ", 2),
        ("🙂", 2), ("👍🏽", 2), ("👩‍👩‍👧", 2), ("❤\u{FE0F}", 2), ("❤", 1), ("🇩🇪", 2), ("a\u{200D}b", 2),
        ("\u{1b}[31m", 8), ("\t", 4), ("\u{202e}x", 9), ("नि", 2), ("\u{1100}\u{1161}", 2),
        ("─│", 2),
        ("क\u{94D}", 1), ("שָׁ", 1),
    ])
    func `text is as wide as terminals show it`(_ text: String, _ width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(arguments: [
        ("plain", "plain"), ("\u{1b}[31mred", "\\x1b[31mred"), ("a\tb\n", "a\\x09b\\x0a"),
        ("\u{7f}", "\\x7f"), ("\u{9b}1m", "\\u{9b}1m"), ("\u{202e}abc", "\\u{202e}abc"),
        ("\u{feff}x", "\\u{feff}x"), ("日本é😀", "日本é😀"), ("👩‍👧", "👩‍👧"), ("\u{ffff}", "\\u{ffff}"),
        ("C:\\x1b", "C:\\x1b"),
    ])
    func `what a terminal would act on is written out`(_ text: String, _ shown: String) {
        #expect(text.escapedForDisplay == shown)
    }

    @Test func `no scalar breaks the tables, and escaping changes no width`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(scalar)
            let width = DisplayWidth.of(text)
            if !(0...10).contains(width) || DisplayWidth.of(text.escapedForDisplay) != width {
                Issue.record("U+\(String(value, radix: 16))")
            }
        }
    }

    @Test func `a table aligns by cells and leaves no spaces at line ends`() {
        var table = TextTable([.text("node"), .number("lag"), .text("note")])
        table.append(["日本", "1", "x"])
        table.append(["r1", "1234", ""])
        table.append(["r2"])
        #expect(
            table.lines == [
                "node   lag  note", "日本     1  x", "r1    1234", "r2",
            ])
    }

    @Test func `a table without titles has no heading, one without rows only that`() {
        var table = TextTable([.text(""), .number("")])
        table.append(["a", "10"])
        table.append(["bb", "2", "not shown"])
        #expect(table.lines == ["a   10", "bb   2"])
        #expect(TextTable([.text("a"), .text("b")]).lines == ["a  b"])
        #expect(TextTable([]).lines.isEmpty)
    }
}
