internal import Glibc
internal import WALFormat

/// PostgreSQL's own archiver of WAL as the client, without its fsyncs, which would measure the disk
/// instead of the sender.
struct ReceiveWAL {
    let program: String
    let port: Int
    let user: String
    let stretch: WALStretch
    let directory: BenchDirectory
    let interruption: Interruption

    func run() throws(BenchFailure) -> Pace {
        let folder = try directory.folder("received")
        defer { BenchDirectory.removeTree(folder) }
        try placePredecessor(in: folder)
        let watch = Stopwatch()
        _ = try BenchProgram.run(
            [
                program, "-h", "127.0.0.1", "-p", "\(port)", "-U", user, "-D", folder, "--no-loop",
                "--no-sync", "--endpos=\(stretch.end.advanced(by: -8))",
            ], interruption)
        return Pace(count: stretch.byteCount, elapsed: watch.elapsed)
    }

    /// It goes on behind the newest whole segment that it finds, and looks at its size only.
    private func placePredecessor(in folder: String) throws(BenchFailure) {
        let path = folder + "/" + stretch.precedingFileName
        let file = try checked("create \(path)", open(path, O_WRONLY | O_CREAT, 0o600))
        defer { close(file) }
        try checked("extend \(path)", ftruncate(file, stretch.segmentSize.byteCount))
    }
}
