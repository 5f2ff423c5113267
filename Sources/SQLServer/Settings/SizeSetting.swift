/// A setting that is an amount of WAL, under PostgreSQL's name. Its value is a number of megabytes,
/// PostgreSQL's unit for it.
package enum SizeSetting: String, CaseIterable, Sendable {
    /// So much WAL behind the log's end is kept for whoever may come.
    case walKeepSize = "wal_keep_size"
    /// A slot that holds back more than this is given up at the next checkpoint; -1: none is.
    case maxSlotWALKeepSize = "max_slot_wal_keep_size"
    /// So much WAL after a checkpoint calls for the next one.
    case maxWALSize = "max_wal_size"
    /// So much room for WAL is held ready: what a checkpoint lets go is recycled up to it.
    case minWALSize = "min_wal_size"

    /// What it does, in one clause.
    package var explanation: String {
        switch self {
        case .walKeepSize: "WAL kept at a checkpoint for any replica, slot or no slot"
        case .maxSlotWALKeepSize:
            "a slot that keeps more WAL is lost at the next checkpoint; -1: no slot is ever lost"
        case .maxWALSize: "so much WAL since the last checkpoint brings the next one"
        case .minWALSize: "old WAL is recycled, not removed, as long as it takes up less than this"
        }
    }

    /// PostgreSQL's own. Less than two segments would mean checkpoints without end; that it does
    /// not take less for `min_wal_size` either has no such reason.
    package var limits: SettingLimits {
        switch self {
        case .walKeepSize: SettingLimits(unit: .megabytes, range: 0...Self.most)
        case .maxSlotWALKeepSize: SettingLimits(unit: .megabytes, range: -1...Self.most)
        case .maxWALSize, .minWALSize: SettingLimits(unit: .megabytes, range: 2...Self.most)
        }
    }

    /// The least that may be set.
    package var least: Int { limits.range.lowerBound }

    private static let units: [(name: String, byteCount: Int)] = [
        ("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("B", 1),
    ]

    /// The most that may be set. PostgreSQL: `MAX_KILOBYTES`, in megabytes.
    package static let most = Int(Int32.max)

    /// Reads a value as PostgreSQL does: `1GB`, `512kB`, or a number of megabytes. Less than half a
    /// megabyte is none. Nil if it is no such value.
    package static func megabytes(_ text: String) -> Int? {
        let unit = units.first { text.hasSuffix($0.name) }
        let digits = text.dropLast(unit?.name.utf8.count ?? 0)
        guard let number = Int(digits), digits.first != "+" else { return nil }
        guard let unit, number > 0 else { return abs(number) <= most ? number : nil }
        let (byteCount, isTooLarge) = number.multipliedReportingOverflow(by: unit.byteCount)
        let megabytes = (byteCount >> 20) + (byteCount >> 19) % 2
        return isTooLarge || megabytes > most ? nil : megabytes
    }

    /// A value as PostgreSQL shows it: in the largest unit that gives a whole number.
    package static func text(_ megabytes: Int) -> String {
        guard megabytes > 0 else { return "\(megabytes)" }
        if megabytes.isMultiple(of: 1 << 20) { return "\(megabytes >> 20)TB" }
        return megabytes.isMultiple(of: 1 << 10) ? "\(megabytes >> 10)GB" : "\(megabytes)MB"
    }
}
