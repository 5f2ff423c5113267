/// Many new rows in one statement, which is one commit.
struct RowBatch {
    static let rowCount = 1_000

    private let table: String
    private let value: String
    private var number = 0

    init(table: String, valueByteCount: Int) {
        self.table = table
        value = String(repeating: "x", count: valueByteCount)
    }

    /// The next statement, with keys that no statement before it had.
    mutating func next() -> String {
        let rows = (0..<Self.rowCount).map { _ in
            number += 1
            return "('k\(number)', '\(value)')"
        }
        return "INSERT INTO \(table)(key, value) VALUES " + rows.joined(separator: ", ")
    }
}
