public import TableFormat
public import WALFormat

/// A page of the table laid open: its header, its line pointers, and the versions of rows they lead
/// to, with what pg_xact says of those who made and deleted them. PostgreSQL: the pageinspect
/// extension's `page_header` and `heap_page_items`.
///
/// It is a description, not a way to change a page.
public struct PageView: Hashable, Sendable {
    /// What became of one version of a row.
    public enum Fate: Hashable, Sendable {
        /// It is the row.
        case live
        /// Its maker has not ended: only that transaction sees it.
        case beingMade(by: TransactionID)
        /// It is the row until its deleter or replacer commits.
        case beingDeleted(by: TransactionID)
        /// A transaction that committed deleted or replaced it: vacuum takes it away.
        case deleted(by: TransactionID)
        /// Its maker was rolled back, or ended by a crash: vacuum takes it away.
        case neverWas
    }

    /// A version of a row.
    public struct Tuple: Hashable, Sendable {
        /// Who made it.
        public let xmin: TransactionID
        /// How its maker ended; one that a crash ended counts as aborted.
        public let xminStatus: TransactionStatus
        /// What stands in the field for who deleted or replaced it; 0 for nobody.
        public let xmax: TransactionID
        /// How the deleter ended; nil when there is none.
        public let xmaxStatus: TransactionStatus?
        /// The next version's page; its own when there is none.
        public let nextBlock: UInt32
        /// The next version's line pointer, from 1.
        public let nextItem: UInt16
        /// The two flag words, PostgreSQL's `t_infomask2` and `t_infomask`.
        public let infomask2: UInt16
        /// See `infomask2`.
        public let infomask: UInt16
        /// The flags by name, such as `HEAP_UPDATED`.
        public let flagNames: [String]
        /// The key; bytes that are no UTF-8 are replaced.
        public let key: String
        /// The value, as the key.
        public let value: String
        /// What became of it.
        public let fate: Fate
    }

    /// A line pointer.
    public struct Line: Hashable, Sendable {
        /// Its number, from 1.
        public let item: Int
        /// What it stands for.
        public let state: LinePointer.State
        /// Where in the page the tuple begins; 0 when there is none.
        public let offset: Int
        /// The tuple's bytes; 0 when there is none.
        public let byteCount: Int
        /// The tuple; nil when there is none, or none that can be read.
        public let tuple: Tuple?
    }

    /// The page's number, from 0.
    public let block: UInt32
    /// Where the record of its last change ends.
    public let lsn: LSN
    /// The checksum it has, or gets, in the file. The page in memory carries none.
    public let checksum: UInt16
    /// The names of the header's flags that are set, such as `PD_HAS_FREE_LINES`.
    public let flagNames: [String]
    /// The end of the line pointers.
    public let lower: Int
    /// The start of the tuples.
    public let upper: Int
    /// The end of the tuples: 8192.
    public let special: Int
    /// The oldest transaction that left something to prune, as a hint; 0 for none.
    public let pruneXID: TransactionID
    /// Bytes of the longest tuple that would still fit.
    public let freeByteCount: Int
    /// The line pointers.
    public let lines: [Line]
    /// Whether the page is all zeros: part of the file, never written.
    public let isNeverWritten: Bool

    /// Describes a page; `status` says how transactions ended.
    public init(
        _ page: HeapPage, block: UInt32, status: (TransactionID) -> TransactionStatus
    ) {
        self.block = block
        lsn = page.lsn
        checksum = page.isNeverWritten ? 0 : page.checksum(block: block)
        flagNames = page.flagNames
        lower = page.lower
        upper = page.upper
        special = page.special
        pruneXID = page.pruneXID
        freeByteCount = page.freeSpace
        isNeverWritten = page.isNeverWritten
        lines = (0..<page.lineCount).compactMap { index in
            page.linePointer(at: index + 1).map { pointer in
                Line(
                    item: index + 1, state: pointer.state, offset: pointer.offset,
                    byteCount: pointer.length,
                    tuple: page.tuple(at: index + 1).map { Tuple($0, status) })
            }
        }
    }
}

extension PageView.Tuple {
    fileprivate init(_ tuple: HeapTuple, _ status: (TransactionID) -> TransactionStatus) {
        xmin = tuple.xmin
        xminStatus = status(tuple.xmin)
        xmax = tuple.xmax
        xmaxStatus = tuple.deleter.map(status)
        nextBlock = tuple.block
        nextItem = tuple.item
        infomask2 = tuple.infomask2
        infomask = tuple.infomask
        flagNames = tuple.flagNames
        key = String(decoding: tuple.key, as: UTF8.self)
        value = String(decoding: tuple.value, as: UTF8.self)
        fate =
            switch (xminStatus, xmaxStatus) {
            case (.aborted, _): .neverWas
            case (.inProgress, _): .beingMade(by: tuple.xmin)
            case (.committed, .committed): .deleted(by: tuple.xmax)
            case (.committed, .inProgress): .beingDeleted(by: tuple.xmax)
            case (.committed, .aborted), (.committed, nil): .live
            }
    }
}

extension PageView {
    /// A page as its file has it now, whatever the log would make of it, with how it fails its
    /// check if it does; nil when the file has no such page. Takes no lock: the node may be down or
    /// up.
    public static func onDisk(
        _ block: UInt32, of fileSystem: any FileSystem
    ) throws(OpenFailure) -> (view: PageView, damage: PageDamage?)? {
        guard let found = try TableFiles.page(block, fileSystem), let page = found.pages.first
        else { return nil }
        let commitLog = try TableFiles.commitLog(fileSystem)
        return (PageView(page, block: block, status: commitLog.status), found.damage[block])
    }
}

extension Database {
    /// A page laid open; nil when the table has no page of that number.
    public func pageView(_ block: UInt32) -> PageView? {
        guard Int(block) < pages.count else { return nil }
        return PageView(pages[Int(block)], block: block, status: visibleStatus)
    }
}
