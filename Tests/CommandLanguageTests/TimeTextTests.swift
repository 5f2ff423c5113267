import CommandLanguage
import Testing

struct TimeTextTests {
    @Test(arguments: [
        (Int64(0), "0s"), (1, "1ns"), (999, "999ns"), (1000, "1us"), (250_000, "250us"),
        (1_500, "1.5us"),
        (800_000_000, "800ms"), (66_666_667, "66.667ms"), (1_500_000_000, "1.5s"),
        (999_999_499, "999.999ms"), (999_999_500, "1s"), (59_999_499_999, "59.999s"),
        (59_999_500_000, "1m"), (90_000_000_000, "1m 30s"), (90_500_000_000, "1m 30.5s"),
        (120_000_000_000, "2m"), (3_600_000_000_000, "1h"), (7_500_000_000_000, "2h 5m"),
        (86_400_000_000_000, "1d"), (97_200_000_000_000, "1d 3h"), (-800_000_000, "-800ms"),
        (.max, "106751d 23h"), (.min, "-106751d 23h"),
    ])
    func `a duration reads in its natural unit`(_ nanoseconds: Int64, _ text: String) {
        #expect(TimeText.duration(nanoseconds: nanoseconds) == text)
    }

    @Test(arguments: [
        (Int64(0), "03:00:00.000"), (412_000_000, "03:00:00.412"), (412_999_999, "03:00:00.412"),
        (75_599_999_000_000, "23:59:59.999"), (75_600_000_000_000, "+1d 00:00:00.000"),
        (75_601_000_000_000, "+1d 00:00:01.000"), (-1, "03:00:00.000"),
        (.max, "+106751d 23:47:16.854"),
    ])
    func `an instant is a time of the lab's day, never one still to come`(
        _ nanoseconds: Int64, _ text: String
    ) {
        #expect(TimeText.instant(nanoseconds: nanoseconds) == text)
    }

    @Test func `an interval reads as it can be typed`() throws {
        for text in ["66ms", "1s/15", "250us", "2m"] {
            #expect(TimeText.interval(try LabInterval(parsing: text)) == text)
        }
    }

    @Test func `counts are words with plain digits`() {
        #expect(CountText.of(1, "commit") == "1 commit")
        #expect(CountText.of(8000, "commit") == "8000 commits")
        #expect(CountText.of(0, "reply", plural: "replies") == "0 replies")
        #expect(CountText.bytes(1234) == "1234 bytes")
        #expect(CountText.list(["a", "b", "c"], joinedBy: "or") == "a, b or c")
        #expect(CountText.list([]) == "")
    }
}
