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

    static func table(_ fileSystem: any FileSystem) throws(OpenFailure) -> Table {
        let path = DirectoryLayout.relation
        let bytes = try opening { () throws(IOFailure) in try fileSystem.contents(of: path) }
        var table = Table()
        for start in stride(from: 0, to: bytes.count, by: HeapPage.byteCount) {
            let end = min(start + HeapPage.byteCount, bytes.count)
            let block = UInt32(truncatingIfNeeded: table.pages.count)
            let content = Array(bytes[start..<end])
            do {
                table.pages.append(try HeapPage(sealed: content, block: block))
            } catch {
                table.damage[block] = PageDamage(block: block, reason: error)
                table.pages.append((try? HeapPage(bytes: content).unsealed) ?? HeapPage())
            }
        }
        return table
    }

    static func commitLog(_ fileSystem: any FileSystem) throws(OpenFailure) -> CommitLog {
        var log = CommitLog()
        let directory = DirectoryLayout.commitLog
        for name in try opening({ () throws(IOFailure) in try fileSystem.list(directory) }) {
            guard let file = UInt32(name, radix: 16) else { continue }
            let path = directory + "/" + name
            let bytes = try opening { () throws(IOFailure) in try fileSystem.contents(of: path) }
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
