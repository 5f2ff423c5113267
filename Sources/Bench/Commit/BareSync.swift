internal import Glibc

/// The floor: the same bytes, written and made durable, and nothing else. One pwrite and one
/// fdatasync a commit, into a file that was filled with zeros and synced before, as a WAL segment
/// is.
final class BareSync {
    private static let fileByteCount = 16 << 20

    private let descriptor: Int32
    private let wal: RecordedWAL
    private var next = 0
    private var offset = 0

    init(_ wal: RecordedWAL, directory: BenchDirectory) throws(BenchFailure) {
        self.wal = wal
        let path = directory.path + "/bare"
        descriptor = try checked("create \(path)", open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for start in stride(from: 0, to: Self.fileByteCount, by: zeros.count) {
            guard pwrite(descriptor, zeros, zeros.count, start) == zeros.count else {
                throw .failed("fill \(path)")
            }
        }
        try checked("fsync", fsync(descriptor))
    }

    deinit { close(descriptor) }

    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let watch = Stopwatch()
        var count = 0
        while watch.elapsed < duration {
            try commit(wal.chunks[next])
            next = (next + 1) % wal.chunks.count
            count += 1
        }
        return Pace(count: count, elapsed: watch.elapsed)
    }

    private func commit(_ bytes: [UInt8]) throws(BenchFailure) {
        if offset + bytes.count > Self.fileByteCount { offset = 0 }
        guard pwrite(descriptor, bytes, bytes.count, offset) == bytes.count else {
            throw .failed("pwrite")
        }
        try checked("fdatasync", fdatasync(descriptor))
        offset += bytes.count
    }
}
