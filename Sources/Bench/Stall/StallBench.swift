internal import Cluster
package import CommandLanguage
internal import SQLServer

/// What a replica that stops reading costs those who commit: two labs take turns, one of which has
/// such a replica the whole time.
package struct StallBench {
    private let duration: Duration
    private let parent: String?
    private let interruption: Interruption
    private let tell: (String) -> Void

    /// A bench that works in a folder of its own below `parent`, and lets the replica read nothing
    /// for about `seconds`. `tell` hears how it goes on, a line at a time.
    package init(
        seconds: Int, parent: String?, interruption: Interruption,
        tell: @escaping (String) -> Void
    ) {
        duration = .seconds(seconds)
        self.parent = parent
        self.interruption = interruption
        self.tell = tell
    }

    /// Runs it; what it made on disk is gone on return.
    package func run() throws(BenchFailure) -> Reply {
        let directory = try BenchDirectory(in: parent)
        defer { directory.remove() }
        let alone = try Self.lab(directory.folder("alone"))
        defer { alone.close() }
        let stalled = try Self.lab(directory.folder("stalled"))
        defer { stalled.close() }
        let reader = try StalledReader(stalled)
        tell("filling the connection of a reader that does not read")
        try fill(alone, stalled, reader)
        let before = try reader.look()
        // A lab that serves one program alone goes about its disk in another way.
        let companion = try alone.client()
        defer { withExtendedLifetime(companion) {} }
        let watch = Stopwatch()
        let labs = [(StallFindings.Name.alone, alone), (StallFindings.Name.stalled, stalled)]
        let commits = try labs.map { _, lab throws(BenchFailure) in
            CommitDelays(try lab.client(), interruption: interruption)
        }
        // Both share the time in which the reader does not read.
        let standings = try Contest(
            roundCount: StallFindings.roundCount, duration: duration / 2,
            interruption: interruption, tell: tell
        ).run(zip(labs, commits).map { Contestant($0.0, $1.run) })
        return StallFindings(
            standings: standings, alone: commits[0].delays, stalled: commits[1].delays,
            before: before, after: try reader.look(), lasted: watch.elapsed
        ).reply
    }

    /// One that gives nobody up, however long he is silent.
    private static func lab(_ folder: String) throws(BenchFailure) -> LabServer {
        let server = try LabServer(folder)
        server.lab.set(.walSenderTimeout, to: .zero)
        return server
    }

    /// The same rows in both.
    private func fill(
        _ alone: LabServer, _ stalled: LabServer, _ reader: StalledReader
    ) throws(BenchFailure) {
        let clients = [try alone.client(), try stalled.client()]
        var batch = RowBatch(table: ReplicatedPair.keyedTable, valueByteCount: 100)
        try reader.stall { () throws(BenchFailure) in
            try interruption.check()
            let statement = batch.next()
            for client in clients { try client.ask(statement) }
        }
    }
}
