/// A setting's value, and so how it is shown. PostgreSQL: the kinds of GUC, and their units.
package enum SettingValue: Hashable, Sendable {
    case flag(Bool)
    case number(Int)
    /// Permissions of a file.
    case mode(Int)
    case text(String)
    case duration(Duration)
    case megabytes(Int)

    package var text: String {
        switch self {
        case .flag(let isOn): isOn ? "on" : "off"
        case .number(let number): "\(number)"
        case .mode(let mode): "0" + String(mode, radix: 8)
        case .text(let text): text
        case .duration(let duration): DurationSetting.text(duration)
        case .megabytes(let megabytes): SizeSetting.text(megabytes)
        }
    }
}

/// A row of the table of settings: its name, and where its value comes from. PostgreSQL:
/// `config_generic`.
///
/// A row holds no value of its own: whoever shows a setting (`SHOW`, `current_setting`, a WAL
/// sender, the greeting, `config` at the prompt) reads it from what acts.
package struct Setting: Sendable {
    /// What a value is read from.
    package struct Scope: Sendable {
        package var node: NodeConfiguration
        /// What the session has set, by names in lower case.
        package var chosen: [String: String]
        /// Who asks.
        package var user: String
        /// Whether the transaction at hand may change nothing.
        package var isReadOnly: Bool
        /// Which commits of others it sees.
        package var isolation: SQLIsolation

        package init(
            node: NodeConfiguration, chosen: [String: String] = [:], user: String = "",
            isReadOnly: Bool = false, isolation: SQLIsolation = .readCommitted
        ) {
            self.node = node
            self.chosen = chosen
            self.user = user
            self.isReadOnly = isReadOnly
            self.isolation = isolation
        }
    }

    /// Where the value comes from, and so who may change it.
    enum Source: Sendable {
        /// The node. No session changes it.
        case node(@Sendable (NodeConfiguration) -> SettingValue)
        /// The node, which has one value; a session may say it again, under these names too.
        case only(@Sendable (NodeConfiguration) -> SettingValue, also: [String])
        /// The session: what it set, or else this. Without effect unless said elsewhere.
        case session(initially: String)
        /// Who asks, and in which transaction.
        case asker(@Sendable (Scope) -> SettingValue)
    }

    /// As PostgreSQL writes it, `DateStyle`.
    package let name: String
    let source: Source
    /// Whether clients are told of it. PostgreSQL: `GUC_REPORT`.
    var isReported = false
    /// Whether `config NAME VALUE` changes it.
    var changesAtPrompt = false
    /// What it does, in one clause, if the lab's prompt shows it.
    package var meaning = ""
    /// Nil: its value is no number, or not one to be chosen.
    package var limits: SettingLimits?

    package func value(in scope: Scope) -> SettingValue {
        switch source {
        case .node(let read), .only(let read, _): read(scope.node)
        case .session(let initial): .text(scope.chosen[name] ?? initial)
        case .asker(let read): read(scope)
        }
    }
}
