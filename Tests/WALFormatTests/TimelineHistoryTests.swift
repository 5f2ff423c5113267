import Testing

@testable import WALFormat

@Suite struct TimelineHistoryTests {
    @Test func `a promotion's file is byte for byte PostgreSQL's`() {
        let history = TimelineHistory().appending(
            timeline: .first, switchpoint: LSN(0x16001B0), reason: "no recovery target specified")
        #expect(history.description == "1\t0/16001B0\tno recovery target specified\n")
        #expect(history.description.utf8.count == 41)
        #expect(TimelineHistory.fileName(Timeline(2)) == "00000002.history")
    }

    @Test func `a history reads back what it prints`() throws {
        var history = TimelineHistory()
        history.append(timeline: Timeline(1), switchpoint: LSN(0x100), reason: "a\nb\tc")
        history.append(timeline: Timeline(3), switchpoint: LSN(1 << 33), reason: "")
        #expect(history.description == "1\t0/100\ta b\tc\n\n3\t2/0\t\n")
        #expect(try TimelineHistory(parsing: history.description) == history)
        #expect(history.switchpoint(of: Timeline(3)) == LSN(1 << 33))
        #expect(history.switchpoint(of: Timeline(2)) == nil)
    }

    @Test func `comments and empty lines count for nothing`() throws {
        let history = try TimelineHistory(parsing: "# made by hand\n\n  \n 1 0/8 why not\r\n")
        #expect(history.entries.map(\.reason) == ["why not"])
        #expect(try TimelineHistory(parsing: "").entries.isEmpty)
    }

    @Test(arguments: ["1", "x\t0/8\t", "0\t0/8\t", "-1\t0/8\t", "4294967296\t0/8\t", "1\t08\t"])
    func `a line that is no entry is named`(line: String) {
        #expect(throws: TimelineHistory.ParseError.malformedLine(line)) {
            try TimelineHistory(parsing: line + "\n")
        }
    }

    @Test func `timelines must rise`() {
        #expect(throws: TimelineHistory.ParseError.timelineOutOfOrder("2\t0/9\tb")) {
            try TimelineHistory(parsing: "2\t0/8\ta\n2\t0/9\tb\n")
        }
    }
}
