import Replication
import Storage
import WALFormat
import WireProtocol

/// What `SHOW` and `SELECT f(…)` know on a node.
extension NodeProcess {
    /// A setting's value, as `SHOW` prints it.
    func setting(_ name: String) throws(ServerError) -> String {
        switch name.lowercased() {
        case "server_version": return ServerGreeting.version
        case "server_version_num": return "150000"
        case "wal_segment_size": return database.segmentSize.label
        case "transaction_read_only", "in_hot_standby": return isInRecovery ? "on" : "off"
        case "default_transaction_read_only": return "off"
        case "server_encoding", "client_encoding": return "UTF8"
        case "standard_conforming_strings", "integer_datetimes", "fsync": return "on"
        case "synchronous_commit": return "local"
        case "transaction_isolation", "default_transaction_isolation": return "read committed"
        default:
            throw ServerError(
                code: .undefinedObject,
                message: "unrecognized configuration parameter \"\(name)\"")
        }
    }

    /// One row: each expression's value.
    func evaluate(_ outputs: [SQLOutput]) throws(ServerError) -> ResultSet {
        var columns: [Column] = []
        var row: [String?] = []
        for output in outputs {
            let value = try value(of: output.expression)
            columns.append(Column(output.name, value.type))
            row.append(value.text)
        }
        return ResultSet(columns: columns, rows: [row], tag: "SELECT 1")
    }

    private struct Value {
        let text: String?
        let type: Column.DataType
    }

    private func value(of expression: SQLExpression) throws(ServerError) -> Value {
        switch expression {
        case .text(let text): return Value(text: text, type: .text)
        case .number(let number): return Value(text: number, type: .int4)
        case .boolean(let flag): return Value(text: flag ? "t" : "f", type: .bool)
        case .null: return Value(text: nil, type: .text)
        case .parameter(let number):
            throw ServerError(
                code: .undefinedParameter, message: "there is no parameter $\(number)")
        case .call(let call): return try value(of: call)
        case .difference(let left, let right):
            return try difference(try value(of: left), try value(of: right))
        }
    }

    private func value(of call: SQLCall) throws(ServerError) -> Value {
        switch (call.name, call.arguments.count) {
        case ("version", 0):
            return Value(text: "PostgreSQL \(ServerGreeting.version)", type: .text)
        case ("pg_is_in_recovery", 0):
            return Value(text: isInRecovery ? "t" : "f", type: .bool)
        case ("pg_current_wal_lsn", 0), ("pg_current_wal_flush_lsn", 0):
            return lsn(try primaryPosition(flushLSN))
        case ("pg_current_wal_insert_lsn", 0):
            return lsn(try primaryPosition(database.insertLSN))
        case ("pg_last_wal_receive_lsn", 0):
            return lsn(standby?.receiver.flushLSN)
        case ("pg_last_wal_replay_lsn", 0):
            return lsn(isInRecovery ? database.insertLSN : nil)
        case ("pg_wal_lsn_diff", 2):
            return try difference(
                try value(of: call.arguments[0]), try value(of: call.arguments[1]))
        default:
            throw call.undefined.serverError
        }
    }

    private func lsn(_ position: LSN?) -> Value {
        Value(text: position.map { "\($0)" }, type: .lsn)
    }

    /// PostgreSQL: `RecoveryInProgress` checks in xlogfuncs.c.
    private func primaryPosition(_ position: LSN) throws(ServerError) -> LSN {
        guard !isInRecovery else {
            throw ServerError(
                code: .objectNotInPrerequisiteState, message: "recovery is in progress",
                hint: "WAL control functions cannot be executed during recovery.")
        }
        return position
    }

    private func difference(_ left: Value, _ right: Value) throws(ServerError) -> Value {
        guard let minuend = left.text, let subtrahend = right.text else {
            return Value(text: nil, type: .numeric)
        }
        guard let from = LSN(minuend), let to = LSN(subtrahend) else {
            throw ServerError(
                code: .invalidTextRepresentation,
                message: "invalid input syntax for type pg_lsn: "
                    + "\"\(LSN(minuend) == nil ? minuend : subtrahend)\"")
        }
        return Value(text: "\(from - to)", type: .numeric)
    }
}
