internal import TableFormat
internal import WALFormat

/// Pages that checkpoints promised and that are not on the disk yet. A checkpoint that fails must
/// not take its pages with it: the next one knows only of those changed since, yet moves the redo
/// point past both.
struct OwedPages: Sendable {
    private var tablePages: [UInt32: PageWrite] = [:]
    private var commitLogPages: [UInt32: PageWrite] = [:]
    /// None of them may be written before the log is durable up to here.
    private(set) var logEnd = LSN.invalid

    var isEmpty: Bool { logEnd == .invalid }
    var table: [PageWrite] { tablePages.values.sorted { $0.block < $1.block } }
    var commitLog: [PageWrite] { commitLogPages.values.sorted { $0.block < $1.block } }

    /// A page owed already is replaced by its newer state.
    mutating func add(_ plan: CheckpointPlan) {
        for page in plan.pages { tablePages[page.block] = page }
        for page in plan.commitLogPages { commitLogPages[page.block] = page }
        logEnd = max(logEnd, plan.logEnd)
    }
}

extension PageWrite {
    /// The table's page as its file has it, with its checksum.
    var sealed: [UInt8] { (try? HeapPage(bytes: bytes).sealed(block: block)) ?? bytes }
}
