internal import TableFormat

/// Reads the table's and the commit log's files whole. What a power loss left half written is read
/// as far as it goes: the log says the rest.
enum TableFiles {
    /// The table as its file has it.
    struct Table: Sendable {
        var pages: [HeapPage] = []
        /// Pages that fail their check. In `pages` they are as found, or empty when they are no
        /// page at all.
        var damage: [UInt32: PageDamage] = [:]
    }

    /// So many pages are read at a time.
    private static let pieceCount = 128
    static let pageByteCount = HeapPage.byteCount

    /// Reads the pages that a checkpoint has written. Further pages of the file are those of a
    /// checkpoint that did not come to its end: the log has an image of each.
    static func table(
        _ fileSystem: any FileSystem, pageCount: UInt32
    ) throws(OpenFailure) -> Table {
        let file = try opening { () throws(IOFailure) in
            try fileSystem.open(DirectoryLayout.relation, .readOnly)
        }
        var table = Table()
        table.pages.reserveCapacity(min(Int(pageCount), 1 << 17))
        var begin = 0
        while begin < pageCount {
            let end = min(begin + pieceCount, Int(pageCount))
            let bytes = try opening { () throws(IOFailure) in
                try file.read(
                    at: begin * HeapPage.byteCount, count: (end - begin) * HeapPage.byteCount)
            }
            for block in begin..<end {
                let start = (block - begin) * HeapPage.byteCount
                let content = bytes.dropFirst(start).prefix(HeapPage.byteCount)
                table.add(Array(content), UInt32(truncatingIfNeeded: block))
            }
            begin = end
        }
        return table
    }

    /// A page as its file has it, whatever it looks like; nil when the file ends before it.
    static func page(
        _ block: UInt32, _ fileSystem: any FileSystem
    ) throws(OpenFailure) -> Table? {
        let bytes = try opening { () throws(IOFailure) in
            try fileSystem.open(DirectoryLayout.relation, .readOnly)
                .read(at: Int(block) * HeapPage.byteCount, count: HeapPage.byteCount)
        }
        guard !bytes.isEmpty else { return nil }
        var table = Table()
        table.add(bytes, block)
        return table
    }

    static func commitLog(_ fileSystem: any FileSystem) throws(OpenFailure) -> CommitLog {
        var log = CommitLog()
        let directory = DirectoryLayout.commitLog
        for name in try opening({ () throws(IOFailure) in try fileSystem.list(directory) }) {
            guard let file = UInt32(name, radix: 16) else { continue }
            let path = directory + "/" + name
            let limit = Int(CommitLog.pagesPerFile) * CommitLog.pageByteCount
            let bytes = try opening { () throws(IOFailure) in
                try fileSystem.contents(of: path, atMost: limit)
            }
            for start in stride(from: 0, to: bytes.count, by: CommitLog.pageByteCount) {
                let page = UInt32(start / CommitLog.pageByteCount) &+ file &* CommitLog.pagesPerFile
                let end = min(start + CommitLog.pageByteCount, bytes.count)
                var content = Array(bytes[start..<end])
                // The file was growing when the power went: "not ended" is what the log begins
                // with.
                content += [UInt8](repeating: 0, count: start + CommitLog.pageByteCount - end)
                do {
                    try log.load(page: page, bytes: content)
                } catch {
                    throw .damagedFile(path: path, reason: "\(error)")
                }
            }
        }
        return log
    }
}

extension TableFiles.Table {
    private static let emptyPage = HeapPage()

    /// Takes what the file has in the place of the next page.
    fileprivate mutating func add(_ content: [UInt8], _ block: UInt32) {
        do {
            let page = try HeapPage(sealed: content, block: block)
            if page.isNeverWritten { damage[block] = PageDamage(block: block, .neverWritten) }
            pages.append(page)
        } catch {
            let reason = content.isEmpty ? PageError.neverWritten : error
            damage[block] = PageDamage(block: block, reason)
            pages.append((try? HeapPage(bytes: content).unsealed) ?? Self.emptyPage)
        }
    }
}
