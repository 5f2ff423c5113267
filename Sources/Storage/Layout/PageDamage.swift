public import TableFormat

/// A page of the table's file that is not what was last written there: torn by a power loss in the
/// middle of its 8192 bytes, or changed by the disk. PostgreSQL: "page verification failed".
///
/// - With `full_page_writes` on, a page torn by a power loss is always changed again by the log
///   that recovery replays, first by an image, which restores it.
/// - A page found damaged and not restored keeps the node from starting.
public struct PageDamage: Hashable, Sendable, CustomStringConvertible {
    /// The page's number in `base/5/16384`, from 0.
    public let block: UInt32
    /// How it was noticed: by its checksum, its header, or the file's end in its middle.
    public let reason: PageError

    init(block: UInt32, _ reason: PageError) {
        self.block = block
        self.reason = reason
    }

    /// For example `page 3 of the table is torn or damaged: checksum 4711 stored, 815 computed`.
    public var description: String {
        reason == .neverWritten
            ? "page \(block) of the table is missing"
            : "page \(block) of the table is torn or damaged: \(reason)"
    }
}
