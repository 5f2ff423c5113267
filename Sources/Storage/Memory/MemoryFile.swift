/// A file's bytes in memory, with the changes since its last sync.
///
/// - `bytes` is what a reader sees. Each change keeps what it replaced, so that what is durable can
///   be found again by undoing changes; a sync only forgets them.
/// - After a failed sync the changes it gave up stay, as lost, and later ones are kept with them
///   even when synced: undoing goes through all of them in order.
struct MemoryFile: Sendable {
    enum Fate: Sendable {
        /// Written, not synced.
        case pending
        /// Synced, but kept because an older change was lost.
        case durable
        /// A sync failed on it: clean for the kernel, and not on the disk.
        case lost
    }

    enum Action: Sendable {
        case write(offset: Int, bytes: ArraySlice<UInt8>)
        case truncate(to: Int)
    }

    struct Change: Sendable {
        let sequence: Int
        let action: Action
        /// The file's length before.
        let oldCount: Int
        /// What was written over or cut off.
        let replaced: ArraySlice<UInt8>
        var fate = Fate.pending
    }

    private(set) var bytes: [UInt8] = []
    private(set) var changes: [Change] = []

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    mutating func write(_ new: ArraySlice<UInt8>, at offset: Int, sequence: Int) {
        // A copy of its own: a slice would share the file's bytes, and have the write copy them
        // all.
        let replaced = Array(
            bytes[min(offset, bytes.count)..<min(offset + new.count, bytes.count)])
        changes.append(
            Change(
                sequence: sequence, action: .write(offset: offset, bytes: new),
                oldCount: bytes.count, replaced: replaced[...]))
        bytes.write(new, at: offset)
    }

    mutating func truncate(to count: Int, sequence: Int) {
        changes.append(
            Change(
                sequence: sequence, action: .truncate(to: count), oldCount: bytes.count,
                replaced: bytes.dropFirst(count)))
        bytes.setCount(count)
    }

    /// Everything written is durable.
    mutating func sync() {
        guard changes.contains(where: { $0.fate == .lost }) else {
            changes = []
            return
        }
        settle(as: .durable)
    }

    /// A sync failed: what was written counts as clean, and is not durable. (As measured on ext4,
    /// XFS and btrfs: "Can Applications Recover from fsync Failures?", ATC 2020.)
    mutating func loseUnsynced() { settle(as: .lost) }

    private mutating func settle(as fate: Fate) {
        for index in changes.indices where changes[index].fate == .pending {
            changes[index].fate = fate
        }
    }

    /// Changes the bytes as if they had always been so; for damage on purpose.
    mutating func replaceSilently(_ body: (inout [UInt8]) -> Void) {
        body(&bytes)
        changes = []
    }

    /// The bytes after a power loss.
    func surviving(_ draw: inout SurvivalDraw) -> [UInt8] {
        guard !changes.isEmpty else { return bytes }
        var survivor = bytes
        for change in changes.reversed() { survivor.undo(change) }
        var versions = SectorVersions(of: changes, &draw)
        for change in changes {
            switch change.fate {
            case .lost: continue
            case .durable: survivor.redo(change.action)
            case .pending: survivor.redo(change, &versions, &draw)
            }
        }
        return survivor
    }
}

extension [UInt8] {
    fileprivate mutating func setCount(_ newCount: Int) {
        if newCount < count {
            removeSubrange(newCount...)
        } else {
            append(contentsOf: [UInt8](repeating: 0, count: newCount - count))
        }
    }

    fileprivate mutating func write(_ new: ArraySlice<UInt8>, at offset: Int) {
        if offset + new.count > count { setCount(offset + new.count) }
        withUnsafeMutableBytes { whole in
            new.withUnsafeBytes { new in
                let place = whole[offset..<offset + new.count]
                UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: new)
            }
        }
    }

    fileprivate mutating func undo(_ change: MemoryFile.Change) {
        switch change.action {
        case .write(let offset, _):
            setCount(change.oldCount)
            if !change.replaced.isEmpty { write(change.replaced, at: offset) }
        case .truncate(let newCount):
            setCount(Swift.min(newCount, change.oldCount))
            append(contentsOf: change.replaced)
        }
    }

    fileprivate mutating func redo(_ action: MemoryFile.Action) {
        switch action {
        case .write(let offset, let bytes): write(bytes, at: offset)
        case .truncate(let newCount): setCount(newCount)
        }
    }

    /// Does a change again as far as the draw lets it survive.
    fileprivate mutating func redo(
        _ change: MemoryFile.Change, _ versions: inout SectorVersions, _ draw: inout SurvivalDraw
    ) {
        switch draw.survival {
        case .nothing: return
        case .everything: redo(change.action)
        case .prefix:
            switch (draw.share(of: change.sequence), change.action) {
            case (.whole, let action): redo(action)
            case (.none, _), (.part, .truncate): return
            case (.part, .write(let offset, let bytes)):
                // Cut between two sectors of the file.
                let end = (offset + draw.number(upTo: bytes.count)) / 512 * 512
                write(bytes.prefix(Swift.max(0, end - offset)), at: offset)
            }
        case .sectors:
            switch change.action {
            case .truncate: if draw.toss() { redo(change.action) }
            case .write(let offset, let bytes):
                // The new length may arrive without the data.
                let end = offset + bytes.count
                if end > count, draw.toss() { setCount(end) }
                versions.pieces(of: bytes, at: offset) { write($0, at: $1) }
            }
        }
    }
}
