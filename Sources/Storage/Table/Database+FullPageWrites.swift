public import WALFormat

/// Whether a page's first change after a checkpoint carries the whole page. PostgreSQL:
/// `full_page_writes`.
extension Database {
    /// Turns full-page images on or off, and says so in the log; nil when that is how it was.
    ///
    /// Off, a power loss in the middle of writing a page leaves one that the log cannot restore;
    /// its checksum then keeps the node from starting. On again, pages are safe only from the next
    /// checkpoint on: those changed meanwhile have no image. The setting stands in the log, so a
    /// node keeps it through crashes and promotions.
    ///
    /// - Throws: `.readOnly` on a standby, which has its upstream's setting.
    @discardableResult
    public mutating func setFullPageWrites(
        _ isOn: Bool
    ) throws(TableError) -> WALInserter.Inserted? {
        guard !isReadOnly else { throw .readOnly }
        guard isOn != fullPageWrites else { return nil }
        fullPageWrites = isOn
        return withWriting { $0.log.insert(WALRecord(changingFullPageWrites: isOn)) }
    }

    /// Whether a change must carry the whole page, when the page's last one ended at `old`.
    ///
    /// After a promotion that is so for each page's first change, as after a checkpoint: a standby
    /// that follows may have taken a restartpoint at a checkpoint of the old primary's that is
    /// newer than this node's own, and would find no image of a page that it tore itself.
    func needsImage(_ old: LSN) -> Bool {
        guard fullPageWrites else { return false }
        switch role {
        case .writing(let writing): return old <= max(checkpoints.last.content.redo, writing.fork)
        case .replaying: return false
        }
    }
}

extension WALRecord {
    private static let fullPageWritesInfo: UInt8 = 0x80

    /// Full-page images are turned on or off. PostgreSQL: XLOG_FPW_CHANGE.
    init(changingFullPageWrites isOn: Bool) {
        self.init(
            resourceManager: ResourceManager.xlog, info: Self.fullPageWritesInfo,
            mainData: [isOn ? 1 : 0])
    }

    /// What the record says of full-page images, if that is what it is about.
    var fullPageWritesChange: Bool? {
        guard resourceManager == ResourceManager.xlog, info & 0xF0 == Self.fullPageWritesInfo,
            mainData.count == 1
        else { return nil }
        return mainData[0] != 0
    }
}
