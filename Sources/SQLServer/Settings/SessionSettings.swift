package import WireProtocol

/// What a session has set for itself. PostgreSQL: the GUCs of a backend.
///
/// Setting one that the lab gives no effect to is accepted where that does no harm, so that drivers
/// are content; a value that would promise something the lab does not do is refused.
///
/// - What ROLLBACK would restore in PostgreSQL stays set here.
struct SessionSettings: Hashable, Sendable {
    /// By names in lower case.
    private(set) var values: [String: String] = [:]

    /// Whether a transaction that does not say which is read-only.
    var isReadOnlyByDefault: Bool { values["default_transaction_read_only"] == "on" }

    mutating func set(
        _ name: String, to value: String, on node: NodeConfiguration
    ) throws(ServerError) {
        let name = name.lowercased()
        guard let setting = SettingTable.named(name) else {
            // PostgreSQL takes any name with a dot: a module's, perhaps.
            guard name.contains(".") else { throw .unknownSetting(name) }
            return values[name] = value
        }
        switch setting.source {
        case .session: values[name] = value
        case .only(let read, let others):
            let only = read(node).text
            let isSame = ([only] + others).contains { $0.lowercased() == value.lowercased() }
            guard isSame else { throw .invalidSetting(setting.name, value, only: only) }
        case .node, .asker: throw .fixedSetting(name, changesAtPrompt: setting.changesAtPrompt)
        }
    }

    /// Takes a value back, or all of them.
    mutating func reset(_ name: String?) {
        if let name { values[name.lowercased()] = nil } else { values = [:] }
    }
}

/// The settings a client was told of, so that it hears of changes and of nothing else.
struct ReportedSettings {
    private var told: [String: String] = [:]
    /// What the session had set at that time.
    private(set) var chosen: [String: String] = [:]

    /// The settings whose values the client does not know yet.
    mutating func changes(in scope: Setting.Scope) -> [BackendMessage] {
        chosen = scope.chosen
        var messages: [BackendMessage] = []
        for setting in SettingTable.reported {
            let value = setting.value(in: scope).text
            guard told.updateValue(value, forKey: setting.name) != value else { continue }
            messages.append(.parameterStatus(name: setting.name, value: value))
        }
        return messages
    }
}

extension ServerError {
    package static func unknownSetting(_ name: String) -> ServerError {
        ServerError(
            code: .undefinedObject, message: "unrecognized configuration parameter \"\(name)\"")
    }

    fileprivate static func invalidSetting(
        _ name: String, _ value: String, only: String
    ) -> ServerError {
        ServerError(
            code: .invalidParameterValue,
            message: "invalid value for parameter \"\(name)\": \"\(value)\"",
            hint: "In the lab it is always \"\(only)\".")
    }

    fileprivate static func fixedSetting(_ name: String, changesAtPrompt: Bool) -> ServerError {
        ServerError(
            code: SQLState("55P02"), message: "parameter \"\(name)\" cannot be changed",
            hint: changesAtPrompt ? "At the lab's prompt: config \(name) VALUE." : nil)
    }
}
