import WALFormat
import WireProtocol

// What SHOW and `current_setting` say, and what SET does.
extension SQLSession {
    func setting(_ name: String) throws(ServerError) -> String { try shown(name).value }

    /// A setting's name as PostgreSQL writes it, and its value; 42704 for one that is not there.
    func shown(_ name: String) throws(ServerError) -> (name: String, value: String) {
        let name = name.lowercased()
        guard name != "all" else { throw .unsupported("SHOW ALL") }
        guard let shown = SettingTable.show(name, in: settingScope) else {
            throw .unknownSetting(name)
        }
        return shown
    }

    private var settingScope: Setting.Scope {
        Setting.Scope(
            node: host.configuration, chosen: settings.values, user: user, isReadOnly: isReadOnly,
            isolation: isolation)
    }

    /// `SET`; the transaction's own modes are set for the block at hand.
    func set(_ name: String, to value: String) throws(ServerError) {
        let modes = value.uppercased()
        switch name {
        case "transaction":
            if modes.contains("READ ONLY") { makeReadOnly(true) }
            if modes.contains("READ WRITE") { makeReadOnly(false) }
            if modes.contains("REPEATABLE READ") { try isolate(.repeatableRead) }
            if modes.contains("READ COMMITTED") { try isolate(.readCommitted) }
        case "characteristics":
            let isReadOnly = modes.contains("READ ONLY")
            try choose("default_transaction_read_only", isReadOnly ? "on" : "off")
        case "transaction_isolation":
            guard let level = SQLIsolation(rawValue: value.lowercased()) else {
                throw .unsupported("the isolation level \"\(value)\"")
            }
            try isolate(level)
        case "transaction_read_only":
            makeReadOnly(try SQLDatum(value, as: .bool).isTrue)
        default:
            try choose(name, value)
        }
    }

    private func choose(_ name: String, _ value: String) throws(ServerError) {
        try settings.set(name, to: value, on: host.configuration)
    }

    /// `ALTER SYSTEM`, of the few settings that a running node has of its own.
    func alterSystem(_ name: String, to value: String) throws(ServerError) {
        guard state == .idle else {
            throw ServerError(
                code: .activeSQLTransaction,
                message: "ALTER SYSTEM cannot run inside a transaction block")
        }
        switch name {
        case ServerChange.readOnlyName:
            try host.alter(.readOnly(try SQLDatum(value, as: .bool).isTrue))
        case ServerChange.leaseName:
            guard let end = Int64(value) else {
                throw ServerError(
                    code: .invalidParameterValue,
                    message: "invalid value for parameter \"\(name)\": \"\(value)\"")
            }
            try host.alter(.lease(until: end > 0 ? PostgresTime(microseconds: end) : nil))
        default: throw .unsupported("ALTER SYSTEM of \(name)")
        }
    }

    /// What a client says of itself in its first packet. Its time zone and the like are not taken:
    /// it is told what they are.
    func take(_ startup: StartupMessage) throws(ServerError) {
        for name in ["application_name", "client_encoding"] {
            guard let value = startup[name] else { continue }
            do throws(ServerError) {
                try choose(name, value)
            } catch {
                var fatal = error
                fatal.severity = .fatal
                throw fatal
            }
        }
        // The greeting says them.
        _ = takeReports()
    }

    /// The settings whose values the client does not know yet, as messages.
    func takeReports() -> [BackendMessage] { reported.changes(in: settingScope) }

    /// The same after a statement, which changes nothing but what the session sets for itself.
    func takeReportsOfStatement() -> [BackendMessage] {
        settings.values == reported.chosen ? [] : takeReports()
    }
}
