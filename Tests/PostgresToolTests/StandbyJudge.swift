import Cluster
import DatabaseNode
import Foundation
import LabClock
import TestSupport
import Testing
import WALFormat

/// Tests with an unmodified PostgreSQL among the lab's replicas: how it is had, and asked.
protocol StandbyJudge {}

extension StandbyJudge {
    /// A lab that began as a PostgreSQL's cluster, with that PostgreSQL attached unless it
    /// is to come later.
    func withStandby(
        replicas: Int = 1, isAttached: Bool = true, _ body: (Lab, String) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        // The server runs as somebody else where this process is root.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o711], ofItemAtPath: folder.path)
        let path = folder.path + "/lab"
        let lab = try Lab(
            LabOptions(replicas: replicas, directory: path, isFromPostgres: true))
        defer { lab.close() }
        if isAttached { _ = try lab.attach() }
        try body(lab, path)
    }

    func query(_ text: String, on lab: Lab) throws -> String {
        let outcome = try PostgresTools.run(
            "psql",
            [
                "-h", "127.0.0.1", "-p", try lab.portText(of: "pg"), "-U", "postgres", "-At", "-c",
                text, "postgres",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    func rows(on lab: Lab) throws -> Set<String> {
        Set(
            try query("select key || '=' || value from kv", on: lab).split(separator: "\n")
                .map(String.init))
    }

    /// The positions of a node, in one text.
    func standing(_ node: String, _ lab: Lab) -> String {
        let positions = lab.snapshot()[node]?.positions
        return positions.map { "\($0.flush) \($0.replay) \($0.commits)" } ?? "-"
    }

    func flush(of node: String, _ lab: Lab) -> String {
        let positions = lab.snapshot()[node]?.positions
        return positions.map { "\($0.flush) \($0.flush) \($0.commits)" } ?? "-"
    }

    /// More than two segments of log, of which a checkpoint removes the first.
    func fill(_ lab: Lab, _ prefix: String, on node: String = "p") throws {
        for step in 0..<300 {
            _ = try lab.write(
                "\(prefix)\(step)", String(repeating: "x", count: 8000), on: node)
        }
        _ = try lab.checkpoint(node)
    }

    /// How far the first lost record got.
    func reached(_ report: LossReport) -> Reach? { report.lost.first?.reached }

    /// How many rows it has, by its own count.
    func rowCount(on lab: Lab) throws -> String {
        try query("select count(*) from kv", on: lab)
    }
}
