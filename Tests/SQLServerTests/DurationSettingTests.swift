import Testing

@testable import SQLServer

/// Lengths of time as settings: whole numbers of PostgreSQL's units.
struct DurationSettingTests {
    @Test(arguments: DurationSetting.allCases)
    func `whatever is asked for, the value is a whole number of units in the range`(
        _ setting: DurationSetting
    ) {
        let asked: [Duration] = [
            .nanoseconds(1), .microseconds(1), .milliseconds(1), .milliseconds(499),
            .milliseconds(1500), .seconds(1), .seconds(601), .seconds(1 << 40), .zero,
        ]
        for duration in asked {
            let value = setting.nearest(to: duration)
            #expect(setting.limits.range.contains(setting.count(value)))
            #expect(setting.unit * setting.count(value) == value)
            // Zero stands for never, and nothing small is taken for it.
            if duration > .zero { #expect(value >= setting.unit) }
        }
    }

    @Test func `half a unit is rounded to the even number`() {
        #expect(DurationSetting.walReceiverStatusInterval.count(.milliseconds(1500)) == 2)
        #expect(DurationSetting.walReceiverStatusInterval.count(.milliseconds(2500)) == 2)
        #expect(DurationSetting.walSenderTimeout.count(.microseconds(1600)) == 2)
    }
}
