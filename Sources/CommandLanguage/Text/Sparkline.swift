/// A few numbers as a row of bars, one terminal cell each: `▁▁▂▅█`. The same in every terminal and
/// in every transcript.
///
/// - The highest number is a full bar, and what is more than nothing is more than the lowest bar.
package enum Sparkline {
    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The bars; the numbers are not negative.
    package static func text(_ numbers: [Int]) -> String {
        let highest = numbers.max() ?? 0
        return numbers.map { bar($0, of: highest) }.joined()
    }

    private static func bar(_ number: Int, of highest: Int) -> String {
        guard number > 0, highest > 0 else { return bars[0] }
        let steps = bars.count - 1
        // Rounded up: something is never shown as nothing.
        let step = (Double(number) * Double(steps) / Double(highest)).rounded(.up)
        return bars[min(steps, max(1, Int(step)))]
    }
}
