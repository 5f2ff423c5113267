import WireProtocol

/// Rows on their way to the client.
struct RowStream {
    let origin: Execution.Origin
    private(set) var unsent: ArraySlice<[SQLDatum]>
    private(set) var sentCount = 0
    private let types: [Column.DataType]
    private let formats: [Bool]
    private let statementTag: String

    /// Rows are encoded in pieces of about this size.
    private static let pieceByteCount = 1 << 16

    init(_ answer: SQLAnswer, _ execution: Execution) {
        origin = execution.origin
        unsent = answer.rows[...]
        types = answer.columns?.map(\.type) ?? []
        formats = execution.formats
        statementTag = answer.tag
    }

    /// No rows are left, or as many were sent as were asked for.
    var isOver: Bool {
        guard !unsent.isEmpty else { return true }
        if case .portal(_, let limit?) = origin { return sentCount >= limit }
        return false
    }

    /// What CommandComplete says.
    var tag: String { statementTag == "SELECT" ? "SELECT \(sentCount)" : statementTag }

    mutating func nextPiece() -> [UInt8] {
        var piece: [UInt8] = []
        while !isOver, piece.count < Self.pieceByteCount, let row = unsent.popFirst() {
            let values = row.indices.map { index in
                row[index].encoded(
                    as: types[index], binary: formats.isEmpty ? false : formats[index])
            }
            piece += BackendMessage.dataRow(values).encoded()
            sentCount += 1
        }
        return piece
    }
}
