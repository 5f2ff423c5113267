internal import TableFormat
public import WALFormat

/// The primary's side: transactions in, log records out.
extension Database {
    /// Begins a transaction. Other transactions may be open.
    ///
    /// On a standby it is the caller's error and traps: ask `isReadOnly` first.
    public mutating func begin() -> TransactionID {
        let xid = transactions.next
        transactions.next = xid.next
        withWriting { writing in
            // A real standby has no page of pg_xact for this transaction unless told to make it.
            if xid.rawValue % CommitLog.transactionsPerPage == 0 {
                writing.log.insert(WALRecord(zeroingCommitLogPage: CommitLog.page(of: xid)))
            }
            writing.open.insert(xid)
        }
        return xid
    }

    /// Inserts or updates a row. The key may be empty, as in PostgreSQL.
    /// - Throws: `.conflict` while another open transaction is changing the row; `.rowTooLarge`,
    ///   `.zeroByte`, `.readOnly`, `.noSuchTransaction`.
    public mutating func put(
        _ key: String, _ value: String, xid: TransactionID
    ) throws(TableError) {
        let keyBytes = Array(key.utf8)
        guard !keyBytes.contains(0), !value.utf8.contains(0) else { throw .zeroByte }
        let old = try changeable(keyBytes, by: xid)
        let tuple: HeapTuple
        do {
            tuple = try HeapTuple(
                xmin: xid, block: 0, key: keyBytes, value: Array(value.utf8),
                replacesAnother: old != nil)
        } catch {
            throw TableError(error)
        }
        let location = write(tuple, replacing: old)
        index.note(keyBytes, KeyIndex.Pending(xid: xid, location: location))
    }

    /// Deletes a row. Answers whether there was one.
    /// - Throws: as `put`, size and zero bytes excepted.
    public mutating func delete(_ key: String, xid: TransactionID) throws(TableError) -> Bool {
        let keyBytes = Array(key.utf8)
        guard let old = try changeable(keyBytes, by: xid) else { return false }
        var page = pages[Int(old.block)]
        page.markDeleted(item: old.item, xmax: xid)
        log([(old.block, page)], xid)
        index.note(keyBytes, KeyIndex.Pending(xid: xid, location: nil))
        return true
    }

    /// Ends a transaction: its changes count. Only when the log is durable up to the record's `end`
    /// may a client be told so, and be shown them: see `flushed(upTo:)`.
    public mutating func commit(
        _ xid: TransactionID, at time: PostgresTime
    ) throws(TableError) -> WALInserter.Inserted {
        try checkOpen(xid)
        let inserted = withWriting { writing in
            writing.open.remove(xid)
            return writing.log.insert(WALRecord(xid: xid, body: .commit(time)))
        }
        var replaced: [[UInt8]: TupleLocation?] = [:]
        index.commit(xid, in: pages) { replaced.updateValue($1, forKey: $0) }
        unflushed.add(xid, end: inserted.end, at: time, replacing: replaced)
        end(xid, .committed)
        return inserted
    }

    /// Ends a transaction: its changes never were.
    public mutating func abort(
        _ xid: TransactionID, at time: PostgresTime
    ) throws(TableError) -> WALInserter.Inserted {
        try checkOpen(xid)
        let inserted = withWriting { writing in
            writing.open.remove(xid)
            return writing.log.insert(WALRecord(xid: xid, body: .abort(time)))
        }
        end(xid, .aborted)
        return inserted
    }

    /// Writes a record that changes no table: a logical message, a no-op.
    public mutating func insert(
        _ body: RecordBody, xid: TransactionID = .invalid
    ) throws(TableError) -> WALInserter.Inserted {
        guard !isReadOnly else { throw .readOnly }
        return withWriting { $0.log.insert(WALRecord(xid: xid, body: body)) }
    }

    /// Ends the segment being written. PostgreSQL: pg_switch_wal.
    public mutating func switchSegment() throws(TableError) -> WALInserter.Inserted {
        guard !isReadOnly else { throw .readOnly }
        return withWriting { $0.log.switchSegment() }
    }

    /// The log written since the last call, for `DiskJob.appendWAL`; nil when there is none.
    public mutating func takeWAL() -> (at: LSN, bytes: [UInt8])? {
        isReadOnly ? nil : withWriting { $0.log.takePending() }
    }

    /// Where the version is that a transaction may replace; nil when there is no such row.
    private func changeable(
        _ key: [UInt8], by xid: TransactionID
    ) throws(TableError) -> TupleLocation? {
        try checkOpen(xid)
        if let other = index.pending[key], other.xid != xid {
            throw .conflict(key: String(decoding: key, as: UTF8.self), holder: other.xid)
        }
        return index.location(of: key, as: xid, in: pages)
    }

    private func checkOpen(_ xid: TransactionID) throws(TableError) {
        switch role {
        case .writing(let writing):
            guard writing.open.contains(xid) else { throw .noSuchTransaction(xid) }
        case .replaying: throw .readOnly
        }
    }

    /// Writes a version, and marks the one it replaces, in one record.
    private mutating func write(
        _ tuple: HeapTuple, replacing old: TupleLocation?
    ) -> TupleLocation {
        var (location, page) = room(for: tuple, preferring: old?.block)
        let successor = (block: location.block, item: UInt16(location.item))
        var changed = [(location.block, page)]
        if let old, old.block == location.block {
            page.markDeleted(item: old.item, xmax: tuple.xmin, successor: successor)
            changed[0].1 = page
        } else if let old {
            var oldPage = pages[Int(old.block)]
            oldPage.markDeleted(item: old.item, xmax: tuple.xmin, successor: successor)
            changed.append((old.block, oldPage))
        }
        log(changed, tuple.xmin)
        return location
    }

    /// The page that takes a tuple, with the tuple on it: the preferred one, the one that took the
    /// last, one noted to have room, or a new one.
    private mutating func room(
        for tuple: HeapTuple, preferring preferred: UInt32?
    ) -> (TupleLocation, HeapPage) {
        let size = HeapTuple.byteCount(
            keyByteCount: tuple.key.count, valueByteCount: tuple.value.count)
        for block in [preferred, room.target].compactMap(\.self) {
            if let found = fit(tuple, on: pages[Int(block)], block) { return found }
        }
        // What does not fit where room was noted: there, less room is noted.
        while let block = room.page(withRoomFor: size) {
            room.target = block
            if let found = fit(tuple, on: pages[Int(block)], block) { return found }
            room.note(block, 0)
        }
        let block = UInt32(pages.count)
        room.target = block
        guard let found = fit(tuple, on: HeapPage(), block) else {
            preconditionFailure("a tuple of legal size does not fit an empty page: \(tuple)")
        }
        return found
    }

    private func fit(
        _ tuple: HeapTuple, on page: HeapPage, _ block: UInt32
    ) -> (TupleLocation, HeapPage)? {
        guard page.freeSpace >= HeapTuple.headerByteCount else { return nil }
        var page = page
        var tuple = tuple
        tuple.block = block
        guard let item = page.insert(tuple) else { return nil }
        return (TupleLocation(block: block, item: item), page)
    }

    /// Writes the record of a change to pages, and makes the change.
    mutating func log(_ changed: [(block: UInt32, page: HeapPage)], _ xid: TransactionID) {
        let references = changed.map { block, page in
            let old = Int(block) < pages.count ? pages[Int(block)] : nil
            return BlockReference(
                block: block, from: old ?? HeapPage(), to: page,
                withImage: old.map { needsImage($0.lsn) } ?? true,
                compressedWith: imageCompression)
        }
        let record = WALRecord(xid: xid, body: .generic(references))
        let inserted = withWriting { $0.log.insert(record) }
        for (block, page) in changed {
            var page = page
            page.setLSN(inserted.end)
            room.note(block, page.freeSpace)
            set(page, block)
        }
    }

    /// Lets `body` at the writing side.
    mutating func withWriting<Answer>(_ body: (inout Writing) -> Answer) -> Answer {
        guard case .writing(var writing) = role else {
            preconditionFailure("a standby does not write its log")
        }
        // The log's pending bytes have one owner only while the role has none.
        role = .replaying(lastStart: .invalid, end: .invalid)
        defer { role = .writing(writing) }
        return body(&writing)
    }
}

extension TableError {
    init(_ error: TupleError) {
        switch error {
        case .rowTooBig(let count, let limit): self = .rowTooLarge(byteCount: count, limit: limit)
        case .malformed: preconditionFailure("a tuple just made cannot be malformed")
        }
    }
}

extension WALRecord {
    /// A page of pg_xact begins. PostgreSQL: CLOG_ZEROPAGE of resource manager 3.
    init(zeroingCommitLogPage page: UInt32) {
        var number: [UInt8] = []
        number.append(littleEndian: page)
        self.init(resourceManager: 3, info: 0, mainData: number)
    }
}
