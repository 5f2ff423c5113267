internal import TableFormat
public import WALFormat

/// Replay: what a record says is done again.
extension Database {
    /// Replays one record that `WALReader` found between `start` and `end`. Records come in the
    /// log's order; one replayed twice changes nothing. PostgreSQL: ApplyWalRecord.
    ///
    /// On a database that writes it is the caller's error and traps.
    /// - Throws: a `RedoFailure`, and nothing has changed, when the record makes no sense here.
    public mutating func redo(
        _ record: WALRecord, start: LSN, end: LSN
    ) throws(RedoFailure) {
        precondition(isReadOnly, "a primary writes its log and replays none")
        switch record.body {
        case .generic(let blocks):
            try redo(blocks, xid: record.xid, start: start, end: end)
        case .commit(let time):
            self.end(record.xid, .committed)
            transactions.lastCommitTime = time
            transactions.times.add(end: end, at: time)
        case .abort:
            self.end(record.xid, .aborted)
        case .checkpoint(let content, _):
            checkpoints.replayed = CheckpointRecord(start: start, content: content)
            timeline = content.timeline
            fullPageWrites = content.fullPageWrites
            transactions.next = max(
                transactions.next, TransactionID(UInt32(truncatingIfNeeded: content.nextXID)))
            forget(before: content.firstPossiblyActive)
        case .endOfRecovery(_, let newTimeline, _):
            timeline = newTimeline
            forget(before: transactions.next)
        case .other:
            fullPageWrites = record.fullPageWritesChange ?? fullPageWrites
        case .switchSegment, .noop, .logicalMessage:
            break
        }
        if record.xid >= transactions.next { transactions.next = record.xid.next }
        role = .replaying(lastStart: start, end: end)
    }

    private mutating func redo(
        _ blocks: [BlockReference], xid: TransactionID, start: LSN, end: LSN
    ) throws(RedoFailure) {
        var redone: [(block: UInt32, page: HeapPage)] = []
        let blocks = blocks.filter { $0.relation == .kv && $0.fork == 0 }
        for reference in blocks {
            let block = reference.block
            guard Int(block) <= pages.count + redone.count else {
                throw .beyondEnd(block: block, at: start, pageCount: pages.count)
            }
            let old = Int(block) < pages.count ? pages[Int(block)] : nil
            if let found = damage.found[block], !reference.restoresPage, !damage.isIgnored {
                throw .damaged(found, at: start)
            }
            do {
                redone.append((block, try HeapPage.redo(reference, on: old, end: end)))
            } catch {
                throw .page(block: block, at: start, error)
            }
        }
        if tracksIndex { note(redone, by: xid) }
        for (block, page) in redone.sorted(by: { $0.block < $1.block }) { set(page, block) }
        for reference in blocks where reference.restoresPage { restore(reference.block) }
    }

    /// Brings the index up to date with pages about to be replaced. A record that moves a row marks
    /// the old version and adds the new one, so deletions come first.
    private mutating func note(
        _ redone: [(block: UInt32, page: HeapPage)], by xid: TransactionID
    ) {
        let changes = redone.map { block, page in
            let old = Int(block) < pages.count ? pages[Int(block)] : nil
            return (block, page.changes(since: old, by: xid))
        }
        for (_, change) in changes {
            for tuple in change.deleted {
                index.note(tuple.key, KeyIndex.Pending(xid: xid, location: nil))
            }
        }
        for (block, change) in changes {
            for (item, tuple) in change.inserted where tuple.deleter != xid {
                let location = TupleLocation(block: block, item: item)
                index.note(tuple.key, KeyIndex.Pending(xid: xid, location: location))
            }
        }
    }

    /// An image has replaced a page, which may have been damaged.
    private mutating func restore(_ block: UInt32) {
        guard let found = damage.found.removeValue(forKey: block) else { return }
        // A page that the file had not come to is none that was torn.
        if found.reason != .neverWritten { damage.restored.append(found) }
    }

    /// A page gets new contents; the table may grow by it.
    mutating func set(_ page: HeapPage, _ block: UInt32) {
        if Int(block) < pages.count { pages[Int(block)] = page } else { pages.append(page) }
        dirtyBlocks.insert(block)
    }

    /// A transaction ends, on either side.
    mutating func end(_ xid: TransactionID, _ status: TransactionStatus) {
        let wasCommitted = transactions.log.status(of: xid) == .committed
        transactions.log.set(status, of: xid)
        transactions.dirtyPages.insert(CommitLog.page(of: xid))
        if status == .committed {
            if !wasCommitted { transactions.committedCount += 1 }
            index.commit(xid, in: pages)
        } else {
            index.abort(xid)
        }
    }

    /// No transaction below `xid` is open any more.
    private mutating func forget(before xid: TransactionID) {
        transactions.oldestActive = max(transactions.oldestActive, xid)
        index.abort(before: xid)
    }
}

extension BlockReference {
    /// Whether redo needs no page to begin with.
    var restoresPage: Bool { image?.appliesOnRedo ?? false }
}
