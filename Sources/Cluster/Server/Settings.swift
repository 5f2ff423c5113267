import LabClock
import Replication
import Storage
import WALFormat
import WireProtocol

/// The settings a session can show and set. PostgreSQL: GUCs.
///
/// Setting one that the lab gives no effect to is accepted where that does no harm, so that drivers
/// are content; a value that would promise something the lab does not do is refused.
///
/// - What ROLLBACK would restore in PostgreSQL stays set here.
struct SessionSettings {
    private enum Kind {
        /// Shown as set; without effect unless said elsewhere.
        case free(String)
        /// Has one value; saying so again is allowed, under these names too.
        case only(String, also: [String] = [])
        case readOnly(String)
    }

    private var values: [String: String] = [:]
    /// What the client was told last.
    private var told: [String: String] = [:]

    init() {
        _ = takeReports()
    }

    /// A value that was set, or the value of one that is the same on every node.
    func value(_ name: String) -> String? {
        if let value = values[name] { return value }
        switch Self.kinds[name] {
        case .free(let value), .only(let value, _), .readOnly(let value): return value
        case nil: return nil
        }
    }

    mutating func set(_ name: String, to value: String) throws(ServerError) {
        switch Self.kinds[name] {
        case .free:
            values[name] = value
        case .only(let only, let others):
            guard ([only] + others).contains(where: { $0.lowercased() == value.lowercased() })
            else {
                throw ServerError(
                    code: .invalidParameterValue,
                    message: "invalid value for parameter \"\(Self.title(name))\": \"\(value)\"",
                    hint: "In the lab it is always \"\(only)\".")
            }
        case .readOnly:
            throw ServerError(
                code: SQLState("55P02"), message: "parameter \"\(name)\" cannot be changed")
        case nil:
            // PostgreSQL takes any name with a dot: a module's, perhaps.
            guard name.contains(".") else { throw Self.unknown(name) }
            values[name] = value
        }
    }

    /// The settings that the client must be told of: `GUC_REPORT`.
    mutating func takeReports() -> [BackendMessage] {
        var reports: [BackendMessage] = []
        for name in Self.reported.keys.sorted() where told[name] != value(name) {
            told[name] = value(name)
            reports.append(.parameterStatus(name: Self.title(name), value: value(name) ?? ""))
        }
        return reports
    }

    /// Takes a value back, or all of them.
    mutating func reset(_ name: String?) {
        if let name { values[name] = nil } else { values = [:] }
    }

    static func unknown(_ name: String) -> ServerError {
        ServerError(
            code: .undefinedObject, message: "unrecognized configuration parameter \"\(name)\"")
    }

    /// PostgreSQL writes some names with capitals.
    static func title(_ name: String) -> String { reported[name.lowercased()] ?? name }

    /// Those a client is told of when they change, as it is told.
    private static let reported = [
        "application_name": "application_name", "client_encoding": "client_encoding",
        "datestyle": "DateStyle", "intervalstyle": "IntervalStyle", "timezone": "TimeZone",
        "default_transaction_read_only": "default_transaction_read_only",
        "standard_conforming_strings": "standard_conforming_strings",
    ]

    private static let kinds: [String: Kind] = [
        "application_name": .free(""), "bytea_output": .free("hex"),
        "client_min_messages": .free("notice"), "default_transaction_read_only": .free("off"),
        "extra_float_digits": .free("1"), "idle_in_transaction_session_timeout": .free("0"),
        "idle_session_timeout": .free("0"), "jit": .free("on"), "lock_timeout": .free("0"),
        "row_security": .free("on"), "search_path": .free("\"$user\", public"),
        "statement_timeout": .free("0"), "xmloption": .free("content"),
        "client_encoding": .only("UTF8", also: ["UTF-8", "'UTF-8'", "unicode"]),
        "datestyle": .only("ISO, MDY", also: ["ISO", "ISO, YMD", "ISO, DMY"]),
        "default_transaction_isolation": .only("read committed"),
        "intervalstyle": .only("postgres"), "standard_conforming_strings": .only("on"),
        "synchronous_commit": .only("local"),
        "timezone": .only("UTC", also: ["Etc/UTC", "GMT", "Z", "0", "default"]),
        "transaction_isolation": .only("read committed"),
        "data_directory_mode": .readOnly("0700"), "fsync": .readOnly("on"),
        "full_page_writes": .readOnly("on"), "hot_standby": .readOnly("on"),
        "integer_datetimes": .readOnly("on"), "is_superuser": .readOnly("on"),
        "max_connections": .readOnly("\(NodeProcess.maximumSessionCount)"),
        "max_identifier_length": .readOnly("63"), "max_replication_slots": .readOnly("10"),
        "wal_recycle": .readOnly("on"), "server_encoding": .readOnly("UTF8"),
        "server_version": .readOnly(ServerGreeting.version),
        "server_version_num": .readOnly("150000"), "block_size": .readOnly("8192"),
        "wal_block_size": .readOnly("8192"), "wal_level": .readOnly("replica"),
    ]
}

// What SHOW and `current_setting` say.
extension SQLSession {
    /// A setting's value; 42704 for one the lab does not have.
    func setting(_ name: String) throws(ServerError) -> String {
        let name = name.lowercased()
        switch name {
        case "in_hot_standby": return process.isInRecovery ? "on" : "off"
        case "transaction_read_only": return isReadOnly || process.isInRecovery ? "on" : "off"
        case "wal_segment_size": return process.database.segmentSize.label
        case "session_authorization": return user
        case "all": throw .unsupported("SHOW ALL")
        default:
            if let duration = DurationSetting(rawValue: name) {
                return LabTime.text(process.settings[duration])
            }
            if let size = SizeSetting(rawValue: name) {
                return SizeSetting.text(process.settings[size])
            }
            if name == "primary_slot_name" { return process.standby?.receiver.slot ?? "" }
            guard let value = settings.value(name) else { throw SessionSettings.unknown(name) }
            return value
        }
    }

    /// What a client says of itself in its first packet. Its time zone and the like are not taken:
    /// it is told what they are.
    func take(_ startup: StartupMessage) throws(ServerError) {
        for name in ["application_name", "client_encoding"] {
            guard let value = startup[name] else { continue }
            do throws(ServerError) {
                try settings.set(name, to: value)
            } catch {
                var fatal = error
                fatal.severity = .fatal
                throw fatal
            }
        }
        // The greeting says them.
        _ = settings.takeReports()
    }

    /// `SET`; the transaction's own modes are set for the block at hand.
    func set(_ name: String, to value: String) throws(ServerError) {
        let modes = value.uppercased()
        switch name {
        case "transaction":
            if modes.contains("READ ONLY") { makeReadOnly(true) }
            if modes.contains("READ WRITE") { makeReadOnly(false) }
        case "characteristics":
            let isReadOnly = modes.contains("READ ONLY")
            try settings.set("default_transaction_read_only", to: isReadOnly ? "on" : "off")
        case "transaction_read_only":
            makeReadOnly(try SQLDatum(value, as: .bool).isTrue)
        default:
            let lowered = name.lowercased()
            if DurationSetting(rawValue: lowered) != nil || SizeSetting(rawValue: lowered) != nil {
                throw ServerError(
                    code: SQLState("55P02"),
                    message: "parameter \"\(lowered)\" cannot be changed",
                    hint: "At the lab's prompt: config \(lowered) VALUE.")
            }
            try settings.set(lowered, to: value)
        }
    }
}
