internal import WireProtocol

extension SQLParser {
    mutating func insert() throws(SQLSyntaxError) -> SQLStatement {
        try expect("into")
        try expectTable()
        let columns = try columnList() ?? [.key, .value]
        guard !sees("select"), !sees("default"), !sees("with") else {
            throw error(.unsupported("INSERT without VALUES"))
        }
        try expect("values")
        var rows: [SQLRow] = []
        repeat { rows.append(try row(columns)) } while try acceptSymbol(",")
        return .insert(rows: rows, onConflict: try conflict())
    }

    mutating func update() throws(SQLSyntaxError) -> SQLStatement {
        try expectTable()
        try expect("set")
        guard !seesSymbol("("), try field() == .value else {
            throw error(.unsupported("UPDATE of anything but value"))
        }
        try expectSymbol("=")
        let value = try value(numbersAllowed: true)
        guard seesEnd || sees("where") else { throw leftover }
        return .update(value: value, key: try whereKey())
    }

    mutating func delete() throws(SQLSyntaxError) -> SQLStatement {
        try expect("from")
        try expectTable()
        let start = self
        if try accept("where") {
            let isKey = try field() == .key
            if isKey, try accept("like") { return .delete(key: nil, like: try pattern()) }
            self = start
        }
        return .delete(key: try whereKey())
    }

    /// The text behind LIKE.
    private mutating func pattern() throws(SQLSyntaxError) -> SQLPattern {
        let start = self
        guard case .text(let text) = try value(numbersAllowed: false) else {
            throw start.error(.unsupported("LIKE with anything but a text"))
        }
        guard let pattern = SQLPattern(text) else { throw start.error(.invalidEscape) }
        return pattern
    }

    /// `WHERE key = value`, or nothing: the one condition of a change.
    mutating func whereKey() throws(SQLSyntaxError) -> SQLValue? {
        guard try accept("where") else { return nil }
        guard try field() == .key else { throw error(.unsupported("WHERE on anything but key")) }
        guard try acceptSymbol("=") else { throw leftover }
        return try value(numbersAllowed: false)
    }

    private mutating func columnList() throws(SQLSyntaxError) -> [SQLField]? {
        guard try acceptSymbol("(") else { return nil }
        var columns: [SQLField] = []
        repeat {
            let start = self
            let column = try field()
            guard !columns.contains(column) else { throw start.unexpected }
            columns.append(column)
        } while try acceptSymbol(",")
        try expectSymbol(")")
        return columns
    }

    private mutating func row(_ columns: [SQLField]) throws(SQLSyntaxError) -> SQLRow {
        try expectSymbol("(")
        var row = SQLRow(key: .null, value: .null)
        for (index, column) in columns.enumerated() {
            if index > 0 {
                guard !seesSymbol(")") else { throw error(.valueCount(tooMany: false)) }
                try expectSymbol(",")
            }
            let value = try value(numbersAllowed: true)
            if column == .key { row.key = value } else { row.value = value }
        }
        guard !seesSymbol(",") else { throw error(.valueCount(tooMany: true)) }
        guard try acceptSymbol(")") else { throw leftover }
        return row
    }

    private mutating func conflict() throws(SQLSyntaxError) -> SQLConflict {
        guard try accept("on") else { return .fail }
        try expect("conflict")
        let hasTarget = try acceptSymbol("(")
        if hasTarget {
            guard try field() == .key else { throw error(.unsupported("this conflict target")) }
            try expectSymbol(")")
        }
        try expect("do")
        if try accept("nothing") { return .nothing }
        guard hasTarget else { throw unexpected }
        try expect("update", "set")
        guard try field() == .value else { throw error(.unsupported("UPDATE of the key")) }
        try expectSymbol("=")
        let other = error(.unsupported("another value than EXCLUDED.value"))
        guard try accept("excluded"), try acceptSymbol("."), try field() == .value else {
            throw other
        }
        return .update
    }

    /// A literal or a parameter. PostgreSQL stores a number into a text column as its digits.
    private mutating func value(numbersAllowed: Bool) throws(SQLSyntaxError) -> SQLValue {
        let start = self
        // Not a whole expression where a comparison goes on: `key = 'a' AND …`.
        var expression = try expression(above: Self.precedenceOfComparison)
        // Values are texts here; what they are cast to changes nothing.
        while case .cast(let inner, _) = expression { expression = inner }
        switch expression {
        case .text(let text): return .text(text)
        case .null: return .null
        case .parameter(let number): return .parameter(number)
        case .number(let digits):
            guard numbersAllowed else { throw start.error(.textComparedWithNumber) }
            return .text(digits)
        case .boolean(let truth):
            guard numbersAllowed else { throw start.error(.unsupported("a boolean as key")) }
            return .text(truth ? "true" : "false")
        case .column(let column): throw column.undefined
        case .countStar: throw start.unexpected
        case .call, .cast, .operation, .not, .isNull:
            throw start.error(.unsupported("an expression as a value"))
        }
    }
}
