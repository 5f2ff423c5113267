import Foundation
import Testing

private let isWanted =
    ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
    || FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/15/bin/initdb")

/// An unmodified PostgreSQL among the replicas, as a student has it. Skipped where PostgreSQL 15 is
/// not installed, unless SHIPLOG_REQUIRE_POSTGRES=1.
@Suite(.serialized, .enabled(if: isWanted, "PostgreSQL 15 is not installed"))
struct PostgresMemberTests {
    private static let story = """
        set a 1
        attach standby pg
        slot create pg
        slot use pg pg
        slots
        partition r1
        set b 2
        lag pg 500ms
        set c 3
        crash p
        heal pg
        promote r1
        status
        lost
        basebackup pg
        slot create pg
        status
        detach
        attach standby pg
        status
        """

    private func tell(in home: Home) throws -> PipedRun.Result {
        try shiplog(
            "--postgres", "--replicas", "1", "--echo", "--keep-going", input: Self.story, in: home)
    }

    @Test func `it is seeded, loses, diverges, is repaired and comes again`() throws {
        let home = try Home()
        let result = try tell(in: home)
        #expect(result.status == 0, "\(result.output)")
        for line in [
            "pg, an unmodified PostgreSQL on it, follows p", "pg uses slot pg of p",
            "120 bytes of WAL on the wire to pg died with it",
            "0/11002D0  b    2      03:00:00.000  received by pg",
            "0/1100348  c    3      03:00:00.000  sent to pg and r1",
            "pg cannot follow r1: it has WAL to 0/11002D0, past the fork at 0/1100210"
                + "; basebackup pg",
            "pg was stopped, filled anew and started",
            "pg, an unmodified PostgreSQL on it, follows r1",
        ] {
            #expect(result.lines.contains(line), "\(line) is not in:\n\(result.output)")
        }
        #expect(home.leftovers.isEmpty)
    }

    @Test func `two runs print the same bytes`() throws {
        let runs = try (0..<2).map { _ in try tell(in: try Home()).output }
        #expect(runs[0] == runs[1])
    }
}
