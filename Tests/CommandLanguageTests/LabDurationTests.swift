import CommandLanguage
import Testing

struct LabDurationTests {
    @Test(arguments: [
        ("0", 0), ("0s", 0), ("1ns", 1), ("250us", 250_000), ("800ms", 800_000_000),
        ("1.5s", 1_500_000_000), ("0.000000001s", 1), ("66.666667ms", 66_666_667),
        ("2m", 120_000_000_000), ("0.5h", 1_800_000_000_000),
        ("1.500000000000000000s", 1_500_000_000),
        ("8760h", 31_536_000_000_000_000),
    ])
    func `a duration is exact to the nanosecond`(_ text: String, _ nanoseconds: Int64) throws {
        #expect(try LabDuration(parsing: text).nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        ("66", DurationError.missingUnit("66")), ("1.5", .missingUnit("1.5")),
        ("00", .missingUnit("00")), ("5sec", .unknownUnit("5sec", number: "5", unit: "sec")),
        ("-5ms", .negative("-5ms")), ("0.5ns", .tooFine("0.5ns")), ("1s/15", .fraction("1s/15")),
        ("0.33333333333333333s", .tooFine("0.33333333333333333s")),
        ("8760.0001h", .tooLong("8760.0001h")),
        ("99999999999999999999s", .tooLong("99999999999999999999s")),
        ("ms", .malformed("ms")), ("", .malformed("")), ("1..5s", .malformed("1..5s")),
        (".5s", .malformed(".5s")), ("5.s", .malformed("5.s")), ("٣s", .malformed("٣s")),
        ("1s/", .badDivisor("1s/")), ("1s/0", .badDivisor("1s/0")), ("1s/-1", .badDivisor("1s/-1")),
        ("1s/1.5", .badDivisor("1s/1.5")), ("1s/2/3", .badDivisor("1s/2/3")),
    ])
    func `what is no duration is refused with its reason`(_ text: String, _ reason: DurationError) {
        #expect(throws: reason) { try LabDuration(parsing: text) }
    }

    @Test(arguments: [
        ("66", "write 66ms, or 66s for seconds"), ("5sec", "write 5s"), ("5seconds", "write 5s"),
        ("5MS", "write 5ms"), ("2minutes", "write 2m"), ("3µs", "write 3us"),
        ("3millis", "write 3ms"),
        ("1hour", "write 1h"), ("1day", "use ns, us, ms, s, m or h: 1ms"), ("-5ms", "write 5ms"),
    ])
    func `a bad duration comes with the one to write`(_ text: String, _ advice: String) {
        do throws(DurationError) {
            _ = try LabDuration(parsing: text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.advice == advice)
        }
    }

    @Test func `the i-th event of a fraction falls at i times a second over fifteen`() throws {
        let interval = try LabInterval(parsing: "1s/15")
        #expect(interval == LabInterval(nanoseconds: 1_000_000_000, divisor: 15))
        for event in 0...45 {
            #expect(
                interval.offset(ofEvent: event).nanoseconds == Int64(event) * 1_000_000_000 / 15)
        }
        #expect(interval.offset(ofEvent: 45) == LabDuration(milliseconds: 3000))
    }

    @Test func `the largest offsets are exact, larger ones stop at the end of time`() {
        let year = LabDuration.longest.nanoseconds
        let interval = LabInterval(nanoseconds: year, divisor: 1_000_000_000)
        #expect(interval.offset(ofEvent: 1_000_000_000).nanoseconds == year)
        #expect(interval.offset(ofEvent: .max).nanoseconds == .max)
        #expect(LabInterval(nanoseconds: year).offset(ofEvent: .max).nanoseconds == .max)
        #expect(LabInterval(nanoseconds: 7).offset(ofEvent: -1) == .zero)
    }
}
