/// `SELECT … [FROM … [WHERE …] [ORDER BY …] [LIMIT n] [OFFSET n]]`
///
/// No joins, no groups, no query inside a query.
package struct SQLSelect: Hashable, Sendable {
    /// The columns of the result.
    package var outputs: [SQLOutput]
    /// What the rows come from; without it there is one row.
    package var relation: SQLRelation?
    /// Only rows for which this is true.
    package var condition: SQLExpression?
    /// The order asked for, the first key first.
    package var order: [SQLOrder]
    /// The most rows to give: a number or a parameter.
    package var limit: SQLExpression?
    /// How many rows to leave out first: a number or a parameter.
    package var offset: SQLExpression?

    package init(
        _ outputs: [SQLOutput], from relation: SQLRelation? = nil,
        where condition: SQLExpression? = nil, order: [SQLOrder] = [],
        limit: SQLExpression? = nil, offset: SQLExpression? = nil
    ) {
        self.outputs = outputs
        self.relation = relation
        self.condition = condition
        self.order = order
        self.limit = limit
        self.offset = offset
    }

    /// Every expression in it.
    package var expressions: [SQLExpression] {
        let computed = outputs.compactMap(\.expression) + order.map(\.expression)
        return computed + [condition, limit, offset].compactMap { $0 }
    }
}

/// One entry of a select list.
package enum SQLOutput: Hashable, Sendable {
    /// `*`: every column there is. Where it stands, in characters from 1.
    case star(position: Int)
    /// `expression [AS name]`; the name is PostgreSQL's choice unless given.
    case value(SQLExpression, name: String)

    /// A computed column.
    package init(_ expression: SQLExpression, name: String? = nil) {
        self = .value(expression, name: name ?? expression.columnName)
    }

    var expression: SQLExpression? {
        switch self {
        case .star: nil
        case .value(let expression, _): expression
        }
    }
}

/// What stands after FROM.
package struct SQLRelation: Hashable, Sendable {
    /// The tables and views a client may read.
    package enum Name: String, Hashable, Sendable, CaseIterable {
        /// The lab's table.
        case kv
        /// One row for each replica connected.
        case statReplication = "pg_stat_replication"
        /// One row while a replica is connected to its upstream.
        case statWALReceiver = "pg_stat_wal_receiver"
        /// One row for each replication slot.
        case replicationSlots = "pg_replication_slots"
    }

    package var name: Name
    /// The name its columns may be qualified with.
    package var alias: String

    package init(_ name: Name, as alias: String? = nil) {
        self.name = name
        self.alias = alias ?? name.rawValue
    }
}

/// One key of ORDER BY.
package struct SQLOrder: Hashable, Sendable {
    /// What to sort by; a bare whole number means that column of the result.
    package var expression: SQLExpression
    /// Greatest first.
    package var descending: Bool
    /// Where it starts, in characters from 1.
    package var position: Int

    package init(by expression: SQLExpression, descending: Bool = false, position: Int = 0) {
        self.expression = expression
        self.descending = descending
        self.position = position
    }
}
