internal import TableFormat
internal import WALFormat

/// Finds out from records alone what each transaction changed. Part of the witness; see
/// `WALOnDisk`.
struct Reconstruction {
    private struct Work {
        var values: [[UInt8]: (place: Int, value: [UInt8]?)] = [:]
        var isComplete = true
        private var count = 0

        mutating func set(_ key: [UInt8], _ value: [UInt8]?) {
            values[key] = (count, value)
            count += 1
        }

        var changes: [WALOnDisk.Change] {
            values.sorted { $0.value.place < $1.value.place }.map { key, last in
                WALOnDisk.Change(
                    key: String(decoding: key, as: UTF8.self),
                    value: last.value.map { String(decoding: $0, as: UTF8.self) })
            }
        }
    }

    private var pages: [UInt32: HeapPage] = [:]
    /// The pages that changed since `sharePages`.
    private var changed: Set<UInt32> = []
    /// A transaction from here on began behind the oldest record; nil while nothing says so.
    private var firstWhollySeen: TransactionID?
    private var open: [TransactionID: Work] = [:]

    /// Takes the next record; answers the transaction when it is a COMMIT.
    mutating func take(_ entry: WALOnDisk.Entry) -> WALOnDisk.Transaction? {
        let xid = entry.record.xid
        if entry.record.previous == .invalid { firstWhollySeen = .firstNormal }
        switch entry.record.body {
        case .generic(let blocks):
            note(blocks, xid, entry.end)
        case .abort:
            open[xid] = nil
        case .commit(let time):
            let work = open.removeValue(forKey: xid) ?? Work()
            let isWhollySeen = firstWhollySeen.map { xid >= $0 } ?? false
            return WALOnDisk.Transaction(
                xid: xid, commitStart: entry.start, commitEnd: entry.end, time: time,
                timeline: entry.timeline, changes: work.changes,
                isComplete: work.isComplete && isWhollySeen)
        case .checkpoint(let content, let shutdown):
            let next = TransactionID(UInt32(truncatingIfNeeded: content.nextXID))
            firstWhollySeen = firstWhollySeen ?? next
            // Nobody was in the middle of anything; who seems to be was ended by a crash.
            if shutdown { open = [:] }
        case .endOfRecovery:
            open = [:]
        case .switchSegment, .noop, .logicalMessage, .other:
            break
        }
        return nil
    }

    /// Pages that somebody else has alike are held once.
    mutating func sharePages(_ shared: SharedCommits) {
        for block in changed {
            if let page = pages[block] { pages[block] = shared.shared(page, block: block) }
        }
        changed = []
    }

    private mutating func note(_ blocks: [BlockReference], _ xid: TransactionID, _ end: LSN) {
        // Taken out, so that it is changed in place.
        var work = open.removeValue(forKey: xid) ?? Work()
        var inserted: [HeapTuple] = []
        var deleted: [HeapTuple] = []
        for reference in blocks where reference.relation == .kv && reference.fork == 0 {
            let old = pages[reference.block]
            guard let page = try? HeapPage.redo(reference, on: old, end: end) else {
                work.isComplete = false
                pages[reference.block] = nil
                continue
            }
            let changes = page.changes(since: old, by: xid)
            inserted += changes.inserted.map(\.tuple)
            deleted += changes.deleted
            pages[reference.block] = page
            changed.insert(reference.block)
        }
        for tuple in deleted { work.set(tuple.key, nil) }
        for tuple in inserted where tuple.deleter != xid { work.set(tuple.key, tuple.value) }
        open[xid] = work
    }
}
