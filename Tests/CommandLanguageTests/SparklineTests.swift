import CommandLanguage
import Testing

struct SparklineTests {
    @Test func `the highest number is a full bar, and nothing is the lowest`() {
        #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline.text([0, 0, 7_000_000]) == "▁▁█")
    }

    @Test func `something is never shown as nothing`() {
        #expect(Sparkline.text([1, .max]) == "▂█")
    }

    @Test func `nothing at all is a flat row`() {
        #expect(Sparkline.text([0, 0]) == "▁▁")
        #expect(Sparkline.text([]) == "")
    }

    @Test func `a bar is one cell wide`() {
        #expect(DisplayWidth.of(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7])) == 8)
    }
}
