import WireProtocol

/// An expression whose names and types were found: ready to be computed, row by row.
///
/// It holds no session and no node: it is given them when it is computed, so that what was prepared
/// once can run as often as the client likes.
struct Computation {
    /// What one evaluation can see.
    struct Scope {
        var row: [SQLDatum] = []
        /// What `count(*)` says.
        var rowCount = 0
        let parameters: [SQLDatum]
        let context: any SQLContext
    }

    typealias Body = (Scope) throws(ServerError) -> SQLDatum

    let type: Column.DataType
    let body: Body

    init(_ type: Column.DataType, _ body: @escaping Body) {
        self.type = type
        self.body = body
    }

    init(_ type: Column.DataType, constant: SQLDatum) {
        self.init(type) { _ throws(ServerError) in constant }
    }

    func callAsFunction(_ scope: Scope) throws(ServerError) -> SQLDatum {
        try body(scope)
    }

    /// The same with every value but NULL changed.
    func map(
        _ type: Column.DataType,
        _ change: @escaping (SQLDatum) throws(ServerError) -> SQLDatum
    ) -> Computation {
        Computation(type) { scope throws(ServerError) in
            let value = try body(scope)
            return value == .null ? .null : try change(value)
        }
    }

    /// Both values; NULL if either is.
    static func combining(
        _ left: Computation, _ right: Computation, _ type: Column.DataType,
        _ combine: @escaping (SQLDatum, SQLDatum) throws(ServerError) -> SQLDatum
    ) -> Computation {
        Computation(type) { scope throws(ServerError) in
            let (first, second) = (try left(scope), try right(scope))
            return first == .null || second == .null ? .null : try combine(first, second)
        }
    }
}
