internal import TableFormat
internal import WALFormat

/// Where one version of a row is: its page, and its line pointer there, from 1.
struct TupleLocation: Hashable, Sendable {
    let block: UInt32
    let item: Int
}

/// From each key to the version of its row that counts, and to the one a transaction still open is
/// making of it. PostgreSQL would keep an index on disk; the lab's is rebuilt from the pages at
/// start.
///
/// - `live` holds exactly the versions whose maker committed and whose deleter did not.
/// - A key has at most one open change; a second transaction that wants one gets a conflict.
/// - At any moment it equals `KeyIndex(of:pages:status:)` of the pages and the commit log.
/// - The pages are given with every question: the keys of `live` stand there.
struct KeyIndex: Sendable {
    /// A change by a transaction still open; no location: the row is deleted.
    struct Pending: Hashable, Sendable {
        let xid: TransactionID
        let location: TupleLocation?
    }

    private(set) var live = KeyTable()
    private(set) var pending: [[UInt8]: Pending] = [:]
    /// The keys of each open transaction's changes. A change that another transaction has taken
    /// the place of leaves its key here.
    private var touched: [TransactionID: [[UInt8]]] = [:]

    init() {}

    /// Where the row is for a transaction, which sees its own changes; nil: for everyone else.
    func location(
        of key: [UInt8], as xid: TransactionID?, in pages: [HeapPage]
    ) -> TupleLocation? {
        if let xid, let change = pending[key], change.xid == xid { return change.location }
        return live.location(of: key, in: pages)
    }

    /// Whether a transaction has made something else of a row; nil: nobody has.
    func isChanged(_ key: [UInt8], by xid: TransactionID?) -> Bool {
        guard let xid else { return false }
        return pending[key]?.xid == xid
    }

    /// Where every row is for a transaction; nil: for everyone else.
    func rows(as xid: TransactionID?, in pages: [HeapPage]) -> [[UInt8]: TupleLocation] {
        var rows: [[UInt8]: TupleLocation] = [:]
        rows.reserveCapacity(live.count)
        for location in live.locations {
            if let key = pages.key(at: location) { rows[key] = location }
        }
        guard let xid, let keys = touched[xid] else { return rows }
        for key in keys {
            guard let change = pending[key], change.xid == xid else { continue }
            rows[key] = change.location
        }
        return rows
    }

    /// Takes note of what an open transaction made of a key.
    mutating func note(_ key: [UInt8], _ change: Pending) {
        let previous = pending.updateValue(change, forKey: key)
        if previous?.xid != change.xid { touched[change.xid, default: []].append(key) }
    }

    /// The transaction's changes count. `replaced` is told where each of the rows was until now,
    /// nil for nowhere.
    mutating func commit(
        _ xid: TransactionID, in pages: [HeapPage],
        replaced: (_ key: [UInt8], TupleLocation?) -> Void = { _, _ in }
    ) {
        for key in touched.removeValue(forKey: xid) ?? [] {
            guard let place = pending.index(forKey: key), pending[place].value.xid == xid
            else { continue }
            if let location = pending.remove(at: place).value.location {
                replaced(key, live.update(key, to: location, in: pages))
            } else {
                replaced(key, live.remove(key, in: pages))
            }
        }
    }

    /// The transaction's changes never were.
    mutating func abort(_ xid: TransactionID) {
        for key in touched.removeValue(forKey: xid) ?? [] where pending[key]?.xid == xid {
            pending[key] = nil
        }
    }

    /// No transaction with a smaller number is open any more: a crash ended those left.
    mutating func abort(before xid: TransactionID) {
        for older in touched.keys where older < xid { abort(older) }
    }
}

extension KeyIndex {
    /// Reads the index off the pages. `status` says how transactions ended.
    init(of pages: [HeapPage], status: (TransactionID) -> TransactionStatus) {
        // Growing it step by step would move a million keys twenty times.
        live.reserveCapacity(pages.reduce(0) { $0 + $1.lineCount })
        for (block, page) in pages.enumerated() {
            for item in page.items {
                guard let tuple = page.layout(at: item) else { continue }
                let location = TupleLocation(block: UInt32(truncatingIfNeeded: block), item: item)
                add(tuple, at: location, pages, status)
            }
        }
    }

    private mutating func add(
        _ tuple: TupleLayout, at location: TupleLocation, _ pages: [HeapPage],
        _ status: (TransactionID) -> TransactionStatus
    ) {
        func key() -> [UInt8] { Array(pages[Int(location.block)].bytes[tuple.key]) }
        let deleter = tuple.deleter.map { (xid: $0, status: status($0)) }
        switch status(tuple.xmin) {
        case .aborted: break
        case .committed:
            if deleter?.status == .committed { return }
            _ = live.update(key(), to: location, in: pages)
            if let deleter, deleter.status == .inProgress {
                weigh(key(), Pending(xid: deleter.xid, location: nil))
            }
        case .inProgress:
            let isCurrent = deleter?.xid != tuple.xmin
            weigh(key(), Pending(xid: tuple.xmin, location: isCurrent ? location : nil))
        }
    }

    /// Of two open changes the later transaction's counts (the other was ended by a crash); of one
    /// transaction's own, a version rather than the mark that an older version is gone.
    private mutating func weigh(_ key: [UInt8], _ change: Pending) {
        if let other = pending[key] {
            if other.xid > change.xid { return }
            if other.xid == change.xid, other.location != nil { return }
        }
        note(key, change)
    }
}

extension KeyIndex: Equatable {
    /// Whether both say the same of every key.
    static func == (left: KeyIndex, right: KeyIndex) -> Bool {
        left.live == right.live && left.pending == right.pending
    }
}
