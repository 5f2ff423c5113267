import WALFormat

/// The pages of the table that a log changes, with the checkpoints it passes: each page with the
/// last record that touched it, so that one reading serves whichever checkpoint is chosen.
struct TouchedBlocks {
    /// A checkpoint's record.
    struct Checkpoint: Hashable {
        let start: LSN
        let redo: LSN
    }

    /// The youngest that may be chosen starts here or before.
    let lastCheckpoint: LSN
    /// The youngest of those seen.
    private(set) var checkpoint: Checkpoint?
    private var lastTouched: [UInt32: LSN] = [:]

    init(lastCheckpoint: LSN) {
        self.lastCheckpoint = lastCheckpoint
    }

    mutating func take(_ entry: LogScan.Entry) {
        switch entry.record.body {
        case .generic(let blocks):
            for block in blocks where block.relation == .kv && block.fork == 0 {
                lastTouched[block.block] = entry.start
            }
        case .checkpoint(let content, _):
            guard entry.start <= lastCheckpoint else { return }
            checkpoint = Checkpoint(start: entry.start, redo: content.redo)
        case .endOfRecovery, .switchSegment, .noop, .commit, .abort, .logicalMessage, .other:
            break
        }
    }

    /// Those that a record at `redo` or behind it touches.
    func blocks(since redo: LSN) -> [UInt32] {
        lastTouched.filter { $0.value >= redo }.map(\.key).sorted()
    }
}
