internal import Programs
internal import Storage

/// Runs the chapter's shipper: one primary, one replica, loopback TCP, as many records as asked.
struct ChapterShipper {
    /// Bytes of a record's value, the same as a row's.
    let valueByteCount: Int
    let folder: String
    let interruption: Interruption

    /// Lays the chapter's files out below the bench's folder.
    init(
        _ chapter: String, valueByteCount: Int, directory: BenchDirectory,
        interruption: Interruption
    ) throws(BenchFailure) {
        self.valueByteCount = valueByteCount
        self.interruption = interruption
        folder = try directory.folder("chapter")
        _ = try directory.folder("chapter/replication")
        guard let code = ChapterCode(try Self.text(of: chapter)) else {
            throw .lab("\(chapter) does not hold the chapter's primary.py and replica.py")
        }
        for file in code.files {
            try directory.write(file.text, to: "chapter/replication/\(file.name)")
        }
    }

    private static func text(of path: String) throws(BenchFailure) -> String {
        do throws(IOFailure) {
            let bytes = try RealFileSystem(opening: ".").contents(of: path)
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw .lab(error.description)
        }
    }

    func run(_ count: Int) throws(BenchFailure) -> Pace {
        let lines = try BenchProgram.run(
            ["/usr/bin/python3", "-c", Self.driver, folder, "\(count)", "\(valueByteCount)"],
            interruption)
        guard let seconds = lines.last.flatMap({ Double($0) }), seconds > 0 else {
            throw .program(name: "python3", said: ChildProcess.lastOutput(lines))
        }
        return Pace(count: count, elapsed: .seconds(seconds))
    }

    /// Appends records, hangs up, and waits until the replica has seen the end.
    private static let driver = """
        import socket, sys, threading, time
        sys.path.insert(0, sys.argv[1])
        from replication.primary import WALPrimary
        from replication.replica import WALReplica
        count, value = int(sys.argv[2]), "x" * int(sys.argv[3])
        listener = socket.create_server(("127.0.0.1", 0))
        upstream = socket.create_connection(listener.getsockname())
        downstream, _ = listener.accept()
        primary, replica = WALPrimary(), WALReplica()
        primary.register(upstream)
        thread = threading.Thread(target=replica.run, args=(downstream,))
        thread.start()
        start = time.perf_counter()
        for number in range(count):
            primary.append("SET", "k%d" % number, value)
        upstream.close()
        thread.join()
        elapsed = time.perf_counter() - start
        if replica.applied_lsn != count:
            sys.exit("applied %d of %d records" % (replica.applied_lsn, count))
        print(elapsed)
        """
}
