import SQLServer
import Testing

/// What may be set is what PostgreSQL 15 itself says of its settings.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct SettingProgramTests {
    @Test func `every setting with limits has PostgreSQL's`() throws {
        let outcome = try PostgresTools.run("postgres", ["--describe-config"])
        #expect(outcome.status == 0)
        // name, context, group, type, default, least, most, what it does
        let rows = outcome.lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        let settings = SettingTable.durations + SettingTable.sizes
        for setting in settings {
            let row = try #require(rows.first { $0[0] == setting.name }, "\(setting.name)")
            let range = try #require(setting.limits?.range)
            #expect(row[3] == "INTEGER")
            #expect(Int(row[5]) == range.lowerBound, "\(setting.name)")
            #expect(Int(row[6]) == range.upperBound, "\(setting.name)")
        }
        #expect(settings.count == 10)
    }
}
