import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// Values as PostgreSQL 15 writes them, as text and as bytes.
struct ValueTests {
    @Test(arguments: [
        ("0", "0"), ("-1.50", "-1.50"), ("1e3", "1000"), ("1.5e1", "15"), ("2.5e-3", "0.0025"),
        (".5", "0.5"), ("18446744073709551615", "18446744073709551615"), ("0.000", "0.000"),
    ]) func `a number keeps its decimals`(_ text: String, _ printed: String) {
        #expect(SQLNumeric(text)?.text == printed)
    }

    @Test(arguments: [
        "", "x", "1.2.3", "1e", "1e99", "--1", "1.-2", String(repeating: "9", count: 50),
    ])
    func `a text that is no number is none`(_ text: String) {
        #expect(SQLNumeric(text) == nil)
    }

    @Test func `numbers are added, multiplied, compared and rounded by their decimals`() throws {
        let (half, third) = (try #require(SQLNumeric("2.5")), try #require(SQLNumeric("0.333")))
        #expect((half + third)?.text == "2.833")
        #expect((third - half)?.text == "-2.167")
        #expect((half * third)?.text == "0.8325")
        #expect(third < half && !(half < third) && !(half < half))
        #expect(half.rounded == 3)
        #expect(SQLNumeric("-2.5")?.rounded == -3)
        #expect(SQLNumeric("2.4999")?.rounded == 2)
        let largest = SQLNumeric(Int128.max)
        #expect(largest + largest == nil)
        #expect(largest * half == nil)
        #expect(half < largest && SQLNumeric(Int128.min) < half)
        #expect(largest.rounded == nil)
    }

    /// As `numeric_send` of PostgreSQL 15 wrote them.
    @Test(
        arguments: [
            ("1.50", [0, 2, 0, 0, 0, 0, 0, 2, 0, 1, 0x13, 0x88]), ("0", [0, 0, 0, 0, 0, 0, 0, 0]),
            ("0.0001", [0, 1, 0xFF, 0xFF, 0, 0, 0, 4, 0, 1]),
            ("100000000", [0, 1, 0, 2, 0, 0, 0, 0, 0, 1]),
            ("-12345.678", [0, 3, 0, 1, 0x40, 0, 0, 3, 0, 1, 9, 0x29, 0x1A, 0x7C]),
        ] as [(String, [UInt8])])
    func `a number's bytes are PostgreSQL's`(_ text: String, _ bytes: [UInt8]) throws {
        let number = SQLDatum.numeric(try #require(SQLNumeric(text)))
        #expect(number.encoded(as: .numeric, binary: true) == bytes)
        #expect(number.encoded(as: .numeric, binary: false) == Array(text.utf8))
    }

    @Test(arguments: [
        (0, 0, "00:00:00"), (0, 800_000, "00:00:00.8"), (0, -1_500_000, "-00:00:01.5"),
        (0, 108_000_000_001, "30:00:00.000001"), (1, 3_600_000_000, "1 day 01:00:00"),
        (-2, 0, "-2 days"), (-1, 1_000_000, "-1 days +00:00:01"),
        (2, -1, "2 days -00:00:00.000001"),
    ]) func `a span is written as PostgreSQL writes it`(
        _ days: Int32, _ microseconds: Int64, _ text: String
    ) {
        #expect(SQLInterval(days: days, microseconds: microseconds).text == text)
    }

    @Test(arguments: [
        (0, "2000-01-01 00:00:00+00"), (820_551_600_800_000, "2026-01-01 03:00:00.8+00"),
        (5_097_600_000_000, "2000-02-29 00:00:00+00"), (-1, "1999-12-31 23:59:59.999999+00"),
        (3_155_759_999_000_000, "2099-12-31 23:59:59+00"),
    ]) func `an instant is written as PostgreSQL writes it`(_ microseconds: Int64, _ text: String) {
        #expect(SQLClock.text(PostgresTime(microseconds: microseconds)) == text)
    }

    @Test func `the span between two instants counts whole days`() {
        let start = PostgresTime(microseconds: 0)
        let later = PostgresTime(microseconds: 90_000_000_000)
        #expect(SQLInterval(from: start, to: later).text == "1 day 01:00:00")
        #expect(SQLInterval(from: later, to: start).text == "-1 days -01:00:00")
        let (first, last) = (PostgresTime(microseconds: .min), PostgresTime(microseconds: .max))
        #expect(SQLInterval(from: first, to: last).days > 0)
    }
}
