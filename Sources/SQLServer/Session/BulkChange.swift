/// The changes of one statement that changes many rows: made piece by piece, so that meanwhile the
/// log is flushed and shipped, and whoever wants an end of it is heard.
struct BulkChange {
    /// So many rows at a time.
    static let pieceCount = 1_024

    /// What it was to do in all.
    let count: Int
    /// What the client hears when it is done.
    let tag: String
    private var rest: ArraySlice<TableChange>

    init(_ changes: [TableChange], tag: String) {
        count = changes.count
        self.tag = tag
        rest = changes[...]
    }

    /// Rows that are changed.
    var doneCount: Int { count - rest.count }
    var isDone: Bool { rest.isEmpty }

    mutating func nextPiece() -> [TableChange] {
        let piece = rest.prefix(Self.pieceCount)
        rest = rest.dropFirst(piece.count)
        return Array(piece)
    }
}
