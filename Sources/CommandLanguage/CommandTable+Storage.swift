/// The rows about transactions and about what is on a node's disk.
extension CommandTable {
    private static let node = CommandParameter("NODE", .node)
    private static let optionalNode = CommandParameter("NODE", .node, .optional)

    static let transactions = [
        CommandSpec(
            .begin, .write, [optionalNode],
            summary: "open a transaction",
            details: """
                Until commit or rollback, set, get and delete on that node belong to one \
                transaction. Its records go into the log and to the replicas at once, but no one \
                else sees a row of it before its COMMIT record says so: a crash before that leaves \
                them invisible for good, on every node.
                """,
            example: "begin", seeAlso: [.commit, .rollback, .page], changesState: true,
            triedWords: ["transaction", "tx", "txn"]),
        CommandSpec(
            .commit, .write, [],
            summary: "commit the open transaction",
            details: """
                One COMMIT record makes all writes of the transaction count at once, and one fsync \
                makes it durable; then the client hears OK. All of its writes have that record's \
                LSN, so they survive together or are lost together.
                """,
            example: "commit", seeAlso: [.begin, .rollback, .lost], changesState: true,
            triedWords: ["end", "done"]),
        CommandSpec(
            .rollback, .write, [],
            summary: "undo the open transaction",
            details: """
                Nothing is erased: the rows stay on their pages and the records in the log, and an \
                ABORT record says that they never counted. vacuum takes them away.
                """,
            example: "rollback", seeAlso: [.begin, .commit, .vacuum], changesState: true,
            triedWords: ["abort", "revert"]),
    ]

    static let storage = [
        CommandSpec(
            .checkpoint, .storage, [optionalNode],
            summary: "bring pages to disk, recover from here",
            details: """
                Writes every changed page to the table's file, then a checkpoint record to the \
                log, and notes its redo point: recovery begins there, so a restart replays less. \
                The first change to a page after it carries the whole page (full_page_writes). A \
                replica takes a restartpoint instead, at its primary's last checkpoint.
                """,
            example: "checkpoint", seeAlso: [.restart, .page, .config], changesState: true,
            triedWords: ["flush", "sync", "fsync", "restartpoint"]),
        CommandSpec(
            .vacuum, .storage, [optionalNode],
            summary: "prune rows that nobody can see",
            details: """
                An update leaves the old version of its row on the page, a delete and a rollback \
                leave theirs. Vacuum takes away those that nobody can see any more; the room on \
                the page is used again. It is logged, so every replica prunes the same pages.
                """,
            example: "vacuum", seeAlso: [.page, .rollback, .delete], changesState: true,
            triedWords: ["prune", "gc", "clean", "compact"]),
        CommandSpec(
            .disk, .storage, [node, CommandParameter("CONDITION", .oneOf(conditions))],
            summary: "make a disk fail, or work again",
            details: """
                full: no file can grow. Writes go on as long as the log's last segment has room, \
                then they are refused; reads are served all the time. After 'disk p ok' the node \
                goes on where it stopped. 'disk p room 4' leaves room for 4 megabytes, and is full \
                then; WAL that a checkpoint removes gives its room back.
                eio: the next fsync fails. Nobody knows then what is on the disk, and a second \
                fsync would not tell, so the node acknowledges nothing any more until it is \
                restarted from what its disk really holds.
                """,
            example: "disk p full", seeAlso: [.restart, .set, .status], changesState: true,
            triedWords: ["enospc", "fault", "io"]),
        CommandSpec(
            .damage, .storage, [node, CommandParameter("WHAT", .oneOf(damages))],
            summary: "damage the files of a downed node",
            details: """
                Then 'restart' shows what recovery makes of it.
                torn: the log's last record is there in part, as after a power loss while it was \
                written. Expect recovery to cut it off, and the node to start without it.
                wal: one bit of the log's byte at LSN is flipped. In the last record, expect the \
                same. In an earlier one, expect the node to refuse: good records follow, so what \
                is damaged had been acknowledged. Recovery does not read what lies before its redo \
                point; wal and diff do.
                page: one bit of page N of the table is flipped, in the byte at BYTE, 0 to 8191. \
                Expect the page's checksum to tell, and the node to refuse, unless the log it \
                replays holds an image of the whole page. A page is in the file once a checkpoint \
                has brought it there.
                """,
            example: "damage p page 0 100", seeAlso: [.restart, .page, .wal, .disk],
            changesState: true, triedWords: ["corrupt", "flip", "bitflip", "tear", "torn"]),
    ]

    private static let conditions = DiskCondition.Word.allCases.map { word in
        switch word {
        case .full, .eio, .ok: Alternative(word.rawValue)
        case .room: Alternative(word.rawValue, [CommandParameter("MB", .number)])
        }
    }

    private static let damages = DamageKind.Word.allCases.map { word in
        switch word {
        case .torn: Alternative(word.rawValue)
        case .wal: Alternative(word.rawValue, [CommandParameter("LSN", .position)])
        case .page:
            Alternative(
                word.rawValue,
                [CommandParameter("N", .number), CommandParameter("BYTE", .number)])
        }
    }
}
