import Testing
import WALFormat

@testable import Storage

/// Which commits somebody lacks, and since when.
struct CommitTimesTests {
    private func times(_ commits: (UInt64, Int64)..., from: UInt64 = 100) -> CommitTimes {
        var times = CommitTimes(knownFrom: LSN(from))
        for (end, time) in commits {
            times.add(end: LSN(end), at: PostgresTime(microseconds: time))
        }
        return times
    }

    private func missing(
        _ times: CommitTimes, after lsn: UInt64, upTo end: UInt64
    ) -> (Int, Int64?)? {
        times.missing(after: LSN(lsn), upTo: LSN(end)).map { ($0.count, $0.oldest?.microseconds) }
    }

    @Test func `the commits between two positions are missing, the first of them longest`() throws {
        let times = times((200, 1), (300, 5), (400, 9))
        #expect(try #require(missing(times, after: 100, upTo: 400)) == (3, 1))
        #expect(try #require(missing(times, after: 200, upTo: 400)) == (2, 5))
        #expect(try #require(missing(times, after: 299, upTo: 399)) == (1, 5))
        #expect(try #require(missing(times, after: 400, upTo: 400)) == (0, nil))
        #expect(try #require(missing(times, after: 500, upTo: 400)) == (0, nil))
    }

    @Test func `what lies before it was not seen, and nothing is said of it`() {
        #expect(missing(times((200, 1)), after: 99, upTo: 200) == nil)
        var times = times((200, 1), (300, 5))
        times.forget(upTo: LSN(200))
        #expect(missing(times, after: 199, upTo: 300) == nil)
        #expect(times.count == 1)
        times.forget(upTo: LSN(150))
        #expect(times.knownFrom == LSN(200))
    }

    @Test func `a commit that redo repeats counts once`() {
        #expect(times((200, 1), (300, 5), (200, 1), (300, 5), (90, 0)).count == 2)
    }
}
