internal import CommandLanguage

/// What a soak measured, and what is to be read from it.
struct SoakFindings {
    /// So many samples of memory, evenly spread; the first sixth is the lab's youth.
    static let sampleCount = 30

    let duration: Duration
    /// The lines typed.
    var journal: [String] = []
    /// What the lab printed in the flood, and what it printed without.
    var soaked: [String] = []
    var quiet: [String] = []
    /// How often something knocked.
    var knockCount = 0
    /// The memory held, in bytes, at each thirtieth of the time.
    private var memory: [Int] = []

    init(duration: Duration) { self.duration = duration }

    /// Notes the memory held, if it is time; says whether it was.
    mutating func sample(_ byteCount: Int, at elapsed: Duration) -> Bool {
        guard elapsed >= duration / Self.sampleCount * (memory.count + 1) else { return false }
        memory.append(byteCount)
        return true
    }

    var progress: String {
        let megabytes = Self.mebibytes(memory.last ?? 0).rounded(places: 1)
        return "\(memory.count) of \(Self.sampleCount): \(journal.count.grouped) lines, "
            + "\(megabytes) MiB"
    }

    var reply: Reply {
        var table = BenchTable("soak")
        table.note(
            "\(journal.count.grouped) lines of random commands in "
                + "\(duration.seconds.rounded(places: 0)) s, \(knockCount.grouped) knocks from "
                + "outside; then the same lines alone")
        table.note(
            "memory in MiB: "
                + memory.map { Self.mebibytes($0).rounded(places: 1) }.joined(separator: " "))
        table.note(
            "memory after \(time(youth)) s: \(mebibytes(after: youth)) MiB; "
                + "after \(time(memory.count)) s: \(mebibytes(after: memory.count)) MiB")
        table.note(differenceText)
        table.add([
            Comparison(
                "most memory after a sixth of the time / memory then", Double(late),
                over: Double(early), target: .atMost(1.05)),
            Comparison(
                "lines printed otherwise than without the flood", Double(differenceCount), over: 1,
                target: .atMost(0)),
        ])
        return table.reply
    }

    /// Five minutes of the thirty that it lasts by itself.
    private var youth: Int { min(Self.sampleCount / 6, memory.count) }
    /// The real time at a sample.
    private func time(_ samples: Int) -> String {
        (duration / Self.sampleCount * samples).seconds.rounded(places: 0)
    }
    private func mebibytes(after samples: Int) -> String {
        memory.prefix(samples).last.map { Self.mebibytes($0).rounded(places: 1) } ?? "-"
    }
    private var early: Int { memory.prefix(youth).max() ?? 0 }
    private var late: Int { memory.dropFirst(youth).max() ?? early }

    private var firstDifference: Int? {
        let common = zip(soaked, quiet).enumerated().first { $1.0 != $1.1 }?.offset
        return common ?? (soaked.count == quiet.count ? nil : min(soaked.count, quiet.count))
    }

    private var differenceCount: Int {
        zip(soaked, quiet).count { $0 != $1 } + abs(soaked.count - quiet.count)
    }

    private var differenceText: String {
        guard let line = firstDifference else {
            return "both printed the same \(soaked.count.grouped) lines"
        }
        let texts = [soaked, quiet].map { $0.indices.contains(line) ? $0[line] : "(nothing)" }
        return "line \(line + 1) differs: in the flood `\(texts[0])`, without `\(texts[1])`"
    }

    private static func mebibytes(_ byteCount: Int) -> Double { Double(byteCount) / 1_048_576 }
}
