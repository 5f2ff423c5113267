import WALFormat
import WireProtocol

/// A function of the node's SQL: what monitoring asks a PostgreSQL server.
///
/// All are strict: a NULL argument makes a NULL. Those of the same name differ in their number of
/// arguments.
struct ServerFunction: Sendable {
    typealias Body = @Sendable (any SQLContext, [SQLDatum]) throws(ServerError) -> SQLDatum

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

    private static let all = positions + control + slots + files + clock + identity

    // MARK: Where the log is

    private static let positions = [
        ServerFunction("pg_current_wal_lsn", [], .lsn) { context, _ throws(ServerError) in
            // What is written here is durable at once, so write and flush are one position.
            .lsn(try context.primary().flushLSN)
        },
        ServerFunction("pg_current_wal_flush_lsn", [], .lsn) { context, _ throws(ServerError) in
            .lsn(try context.primary().flushLSN)
        },
        ServerFunction("pg_current_wal_insert_lsn", [], .lsn) { context, _ throws(ServerError) in
            .lsn(try context.primary().insertLSN)
        },
        ServerFunction("pg_last_wal_receive_lsn", [], .lsn) { context, _ in
            SQLDatum(context.host.standing.receivedLSN)
        },
        ServerFunction("pg_last_wal_replay_lsn", [], .lsn) { context, _ in
            let standing = context.host.standing
            return SQLDatum(standing.isInRecovery ? standing.insertLSN : nil)
        },
        ServerFunction("pg_wal_lsn_diff", [.lsn, .lsn], .numeric) { _, positions in
            positions[0].distance(from: positions[1])
        },
        ServerFunction("pg_walfile_name", [.lsn], .text) { context, position throws(ServerError) in
            guard case .lsn(let lsn) = position[0] else { return .null }
            let timeline = try context.primary("pg_walfile_name()").timeline
            let size = context.host.configuration.segmentSize
            return .text(SegmentName(before: lsn, on: timeline, size).fileName(size))
        },
        ServerFunction("pg_size_pretty", [.numeric], .text) { _, size in
            .text(size[0].number?.prettySize ?? "")
        },
    ]

    // MARK: Recovery

    private static let control = [
        ServerFunction("pg_is_in_recovery", [], .bool) { context, _ in
            .bool(context.host.standing.isInRecovery)
        },
        ServerFunction("pg_is_wal_replay_paused", [], .bool) { context, _ throws(ServerError) in
            _ = try context.standby()
            return .bool(false)
        },
        ServerFunction("pg_switch_wal", [], .lsn) { context, _ throws(ServerError) in
            .lsn(try context.switchWAL())
        },
        ServerFunction("pg_promote", [], .bool, promote),
        ServerFunction("pg_promote", [.bool], .bool, promote),
        ServerFunction("pg_promote", [.bool, .int4], .bool, promote),
    ]

    /// Only the lab may promote: it keeps the ledger of what that loses.
    private static let promote: Body = { context, _ throws(ServerError) in
        let name = try context.standby().name
        throw ServerError(
            code: .featureNotSupported, message: "a client cannot promote a node of the lab",
            hint: "Type at the lab's own prompt: promote \(name)")
    }

    // MARK: Time

    private static let clock = [
        ServerFunction("pg_last_xact_replay_timestamp", [], .timestamptz) { context, _ in
            let standing = context.host.standing
            return SQLDatum(standing.isInRecovery ? standing.lastCommitTime : nil)
        },
        ServerFunction("now", [], .timestamptz, transactionTime),
        ServerFunction("transaction_timestamp", [], .timestamptz, transactionTime),
        ServerFunction("current_timestamp", [], .timestamptz, transactionTime),
        ServerFunction("statement_timestamp", [], .timestamptz) { context, _ in
            .timestamp(context.host.now)
        },
        ServerFunction("clock_timestamp", [], .timestamptz) { context, _ in
            .timestamp(context.host.now)
        },
        // The rows are there when it begins; the client has them when it is over.
        ServerFunction("pg_sleep", [.numeric], .void) { context, seconds in
            context.pause(for: seconds[0].number?.seconds ?? .zero)
            return .text("")
        },
    ]

    private static let transactionTime: Body = { context, _ in
        .timestamp(context.transactionTime)
    }

    // MARK: Who and what

    private static let identity: [ServerFunction] =
        ["current_user", "session_user", "user", "current_role"].map { name in
            ServerFunction(name, [], .name) { context, _ in .text(context.user) }
        }
        + ["current_database", "current_catalog"].map { name in
            ServerFunction(name, [], .name) { context, _ in .text(context.databaseName) }
        }
        + [
            ServerFunction("current_schema", [], .name) { _, _ in .text("public") },
            ServerFunction("version", [], .text) { context, _ in
                .text("PostgreSQL \(context.host.configuration.version)")
            },
            ServerFunction("pg_backend_pid", [], .int4) { context, _ in
                .integer(Int64(context.processID))
            },
            ServerFunction("txid_current_if_assigned", [], .int8) { context, _ in
                context.assignedTransaction
            },
            ServerFunction("pg_current_xact_id_if_assigned", [], .xid8) { context, _ in
                context.assignedTransaction
            },
            ServerFunction("current_setting", [.text], .text) {
                context, name throws(ServerError) in
                .text(try context.setting(name[0].text ?? ""))
            },
            ServerFunction("current_setting", [.text, .bool], .text) {
                context, arguments throws(ServerError) in
                do throws(ServerError) {
                    return .text(try context.setting(arguments[0].text ?? ""))
                } catch {
                    guard arguments[1].isTrue else { throw error }
                    return .null
                }
            },
        ]
}

extension SQLContext {
    fileprivate var assignedTransaction: SQLDatum {
        xid.map { .integer(Int64($0.rawValue)) } ?? .null
    }
}

extension SegmentName {
    /// The file that holds the byte before a position: at a segment's start, that is the file
    /// before. PostgreSQL: `XLByteToPrevSeg`.
    fileprivate init(before lsn: LSN, on timeline: Timeline, _ size: SegmentSize) {
        self.init(timeline: timeline, number: size.number(containing: lsn.advanced(by: -1)))
    }
}

extension SQLNumeric {
    /// So many seconds, whole microseconds; nothing for fewer than none, and a year at most.
    fileprivate var seconds: Duration {
        guard self > SQLNumeric(0) else { return .zero }
        let most = SQLNumeric(366 * 86_400)
        let microseconds = (min(self, most) * SQLNumeric(1_000_000))?.rounded
        return .microseconds(microseconds ?? 0)
    }

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
