import WALFormat

/// MAX_RATE of a base backup: no more than so many bytes a second, looked at eight times a second.
/// PostgreSQL: `throttle` in `basebackup_throttle.c`.
struct BackupThrottle: Hashable {
    private static let checksPerSecond = 8

    private let sampleByteCount: Int
    private var unchecked = 0
    private var checkedAt: PostgresTime
    /// Nothing may be sent before.
    private(set) var resumesAt: PostgresTime?

    /// - Parameter rate: kB a second.
    init(rate: Int, now: PostgresTime) {
        sampleByteCount = max(1, rate * 1024 / Self.checksPerSecond)
        checkedAt = now
    }

    mutating func sent(_ byteCount: Int, at now: PostgresTime) {
        unchecked += byteCount
        let samples = unchecked / sampleByteCount
        guard samples > 0 else { return }
        unchecked %= sampleByteCount
        let due = checkedAt.advanced(by: .seconds(1) / Self.checksPerSecond * samples)
        resumesAt = due > now ? due : nil
        checkedAt = max(due, now)
    }

    func isOpen(at now: PostgresTime) -> Bool {
        resumesAt.map { now >= $0 } ?? true
    }
}
