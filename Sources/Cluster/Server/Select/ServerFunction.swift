import Replication
import Storage
import WALFormat
import WireProtocol

/// A function of the node's SQL: what monitoring asks a PostgreSQL server.
///
/// All are strict: a NULL argument makes a NULL. Those of the same name differ in their number of
/// arguments.
struct ServerFunction: Sendable {
    typealias Body = @Sendable (SQLSession, [SQLDatum]) throws(ServerError) -> SQLDatum

    let name: String
    let arguments: [Column.DataType]
    let result: Column.DataType
    let body: Body

    init(
        _ name: String, _ arguments: [Column.DataType] = [], _ result: Column.DataType,
        _ body: @escaping Body
    ) {
        self.name = name
        self.arguments = arguments
        self.result = result
        self.body = body
    }

    static func named(_ name: String, _ argumentCount: Int) -> ServerFunction? {
        all.first { $0.name == name && $0.arguments.count == argumentCount }
    }

    private static let all = positions + control + slots + clock + identity

    // MARK: Where the log is

    private static let positions = [
        ServerFunction("pg_current_wal_lsn", [], .lsn) { session, _ throws(ServerError) in
            // What is written here is durable at once, so write and flush are one position.
            .lsn(try session.primary.flushLSN)
        },
        ServerFunction("pg_current_wal_flush_lsn", [], .lsn) { session, _ throws(ServerError) in
            .lsn(try session.primary.flushLSN)
        },
        ServerFunction("pg_current_wal_insert_lsn", [], .lsn) { session, _ throws(ServerError) in
            .lsn(try session.primary.database.insertLSN)
        },
        ServerFunction("pg_last_wal_receive_lsn", [], .lsn) { session, _ in
            SQLDatum(session.process.standby?.receiver.flushLSN)
        },
        ServerFunction("pg_last_wal_replay_lsn", [], .lsn) { session, _ in
            let process = session.process
            return SQLDatum(process.isInRecovery ? process.database.insertLSN : nil)
        },
        ServerFunction("pg_wal_lsn_diff", [.lsn, .lsn], .numeric) { _, positions in
            positions[0].distance(from: positions[1])
        },
        ServerFunction("pg_walfile_name", [.lsn], .text) { session, position throws(ServerError) in
            guard case .lsn(let lsn) = position[0] else { return .null }
            return .text(try session.primary("pg_walfile_name()").segmentName(before: lsn))
        },
        ServerFunction("pg_size_pretty", [.numeric], .text) { _, size in
            .text(size[0].number?.prettySize ?? "")
        },
    ]

    // MARK: Recovery

    private static let control = [
        ServerFunction("pg_is_in_recovery", [], .bool) { session, _ in
            .bool(session.process.isInRecovery)
        },
        ServerFunction("pg_is_wal_replay_paused", [], .bool) { session, _ throws(ServerError) in
            _ = try session.standby
            return .bool(false)
        },
        ServerFunction("pg_switch_wal", [], .lsn) { session, _ throws(ServerError) in
            .lsn(try session.switchWAL())
        },
        ServerFunction("pg_promote", [], .bool, promote),
        ServerFunction("pg_promote", [.bool], .bool, promote),
        ServerFunction("pg_promote", [.bool, .int4], .bool, promote),
    ]

    /// Only the lab may promote: it keeps the ledger of what that loses.
    private static let promote: Body = { session, _ throws(ServerError) in
        let name = try session.standby.name
        throw ServerError(
            code: .featureNotSupported, message: "a client cannot promote a node of the lab",
            hint: "Type at the lab's own prompt: promote \(name)")
    }

    // MARK: Time

    private static let clock = [
        ServerFunction("pg_last_xact_replay_timestamp", [], .timestamptz) { session, _ in
            let process = session.process
            return SQLDatum(process.isInRecovery ? process.database.lastCommitTime : nil)
        },
        ServerFunction("now", [], .timestamptz, transactionTime),
        ServerFunction("transaction_timestamp", [], .timestamptz, transactionTime),
        ServerFunction("current_timestamp", [], .timestamptz, transactionTime),
        ServerFunction("statement_timestamp", [], .timestamptz) { session, _ in
            .timestamp(session.now)
        },
        ServerFunction("clock_timestamp", [], .timestamptz) { session, _ in
            .timestamp(session.now)
        },
    ]

    private static let transactionTime: Body = { session, _ in
        .timestamp(session.transactionTime)
    }

    // MARK: Who and what

    private static let identity: [ServerFunction] =
        ["current_user", "session_user", "user", "current_role"].map { name in
            ServerFunction(name, [], .name) { session, _ in .text(session.user) }
        }
        + ["current_database", "current_catalog"].map { name in
            ServerFunction(name, [], .name) { session, _ in .text(session.databaseName) }
        }
        + [
            ServerFunction("current_schema", [], .name) { _, _ in .text("public") },
            ServerFunction("version", [], .text) { _, _ in
                .text("PostgreSQL \(ServerGreeting.version)")
            },
            ServerFunction("pg_backend_pid", [], .int4) { session, _ in
                .integer(Int64(session.processID))
            },
            ServerFunction("txid_current_if_assigned", [], .int8) { session, _ in
                session.assignedTransaction
            },
            ServerFunction("pg_current_xact_id_if_assigned", [], .xid8) { session, _ in
                session.assignedTransaction
            },
            ServerFunction("current_setting", [.text], .text) {
                session, name throws(ServerError) in
                .text(try session.setting(name[0].text ?? ""))
            },
            ServerFunction("current_setting", [.text, .bool], .text) {
                session, arguments throws(ServerError) in
                do throws(ServerError) {
                    return .text(try session.setting(arguments[0].text ?? ""))
                } catch {
                    guard arguments[1].isTrue else { throw error }
                    return .null
                }
            },
        ]
}

extension SQLNumeric {
    /// PostgreSQL: `pg_size_pretty`: the largest unit that leaves at least 10 of it.
    fileprivate var prettySize: String {
        guard var size = rounded else { return text }
        var units = ["bytes", "kB", "MB", "GB", "TB", "PB"][...]
        while units.count > 1, size.magnitude >= 10_240 {
            size = (size &+ size.signum() * 512) / 1024
            units = units.dropFirst()
        }
        return "\(size) \(units.first ?? "")"
    }
}
