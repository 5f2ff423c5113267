internal import WALFormat

/// All settings there are, each once.
package enum SettingTable {
    /// The log and what a commit waits for.
    package static let durability = [
        Setting(
            name: "wal_segment_size", source: .node { .text($0.segmentSize.label) },
            meaning: "size of a WAL segment file; PostgreSQL's default is 16MB"),
        Setting(
            name: "fsync", source: .node { .flag($0.fsync) },
            meaning: "a client hears OK only after fdatasync of the commit"),
        Setting(
            name: "synchronous_commit", source: .only({ .text($0.synchronousCommit) }, also: []),
            meaning: "a commit waits for the primary's own disk and for no replica"),
        Setting(
            name: "full_page_writes", source: .node { .flag($0.fullPageWrites) },
            changesAtPrompt: true, meaning: "a page's first change carries the whole page"),
        Setting(
            name: "wal_compression", source: .node { .text($0.imageCompression?.name ?? "off") },
            changesAtPrompt: true,
            meaning: "what the images of whole pages are compressed with: off, or pglz"),
    ]

    /// What a standby's readers are to the log and to vacuum.
    package static let readers = [
        Setting(
            name: "hot_standby_feedback", source: .node { .flag($0.hotStandbyFeedback) },
            changesAtPrompt: true,
            meaning: "replicas tell which rows their readers need, and vacuum spares them")
    ]

    /// How long nodes wait for each other.
    package static let durations = DurationSetting.allCases.map { setting in
        Setting(
            name: setting.rawValue, source: .node { .duration($0[setting]) },
            changesAtPrompt: true, meaning: setting.explanation, limits: setting.limits)
    }

    /// How much WAL nodes keep.
    package static let sizes = SizeSetting.allCases.map { setting in
        Setting(
            name: setting.rawValue, source: .node { .megabytes($0[setting]) },
            changesAtPrompt: true, meaning: setting.explanation, limits: setting.limits)
    }

    private static let node = [
        Setting(name: "block_size", source: .node { .number($0.blockByteCount) }),
        Setting(name: "data_directory_mode", source: .node { .mode($0.dataDirectoryMode) }),
        Setting(name: "hot_standby", source: .node { .flag($0.hotStandby) }),
        Setting(name: "in_hot_standby", source: .node { .flag($0.isInRecovery) }, isReported: true),
        Setting(
            name: "integer_datetimes", source: .node { .flag($0.integerDatetimes) },
            isReported: true),
        Setting(name: "is_superuser", source: .node { .flag($0.isSuperuser) }, isReported: true),
        Setting(name: "max_connections", source: .node { .number($0.maximumSessionCount) }),
        Setting(name: "max_identifier_length", source: .node { .number($0.identifierByteCount) }),
        Setting(name: "max_replication_slots", source: .node { .number($0.maximumSlotCount) }),
        Setting(name: "primary_slot_name", source: .node { .text($0.primarySlotName ?? "") }),
        Setting(name: "server_encoding", source: .node { .text($0.encoding) }, isReported: true),
        Setting(name: "server_version", source: .node { .text($0.version) }, isReported: true),
        Setting(name: "server_version_num", source: .node { .number($0.versionNumber) }),
        Setting(name: "wal_block_size", source: .node { .number($0.walBlockByteCount) }),
        Setting(name: "wal_level", source: .node { .text($0.walLevel) }),
        Setting(name: "wal_recycle", source: .node { .flag($0.walRecycle) }),
    ]

    /// What a session may say, as long as it says what is so.
    private static let formats = [
        Setting(
            name: "client_encoding",
            source: .only({ .text($0.encoding) }, also: ["UTF-8", "'UTF-8'", "unicode"]),
            isReported: true),
        Setting(
            name: "DateStyle",
            source: .only({ .text($0.dateStyle) }, also: ["ISO", "ISO, YMD", "ISO, DMY"]),
            isReported: true),
        Setting(
            name: "default_transaction_isolation",
            source: .only({ .text($0.isolation) }, also: [])),
        Setting(
            name: "IntervalStyle", source: .only({ .text($0.intervalStyle) }, also: []),
            isReported: true),
        Setting(
            name: "standard_conforming_strings",
            source: .only({ .flag($0.standardStrings) }, also: []), isReported: true),
        Setting(
            name: "TimeZone",
            source: .only({ .text($0.timeZone) }, also: ["Etc/UTC", "GMT", "Z", "0", "default"]),
            isReported: true),
        Setting(
            name: "transaction_isolation", source: .asker { .text($0.isolation.rawValue) }),
    ]

    private static let session = [
        Setting(name: "application_name", source: .session(initially: ""), isReported: true),
        Setting(name: "bytea_output", source: .session(initially: "hex")),
        Setting(name: "client_min_messages", source: .session(initially: "notice")),
        Setting(
            name: "default_transaction_read_only", source: .session(initially: "off"),
            isReported: true),
        Setting(name: "extra_float_digits", source: .session(initially: "1")),
        Setting(name: "idle_in_transaction_session_timeout", source: .session(initially: "0")),
        Setting(name: "idle_session_timeout", source: .session(initially: "0")),
        Setting(name: "jit", source: .session(initially: "on")),
        Setting(name: "lock_timeout", source: .session(initially: "0")),
        Setting(name: "row_security", source: .session(initially: "on")),
        Setting(name: "search_path", source: .session(initially: "\"$user\", public")),
        Setting(name: "session_authorization", source: .asker { .text($0.user) }, isReported: true),
        Setting(name: "statement_timeout", source: .session(initially: "0")),
        Setting(
            name: "transaction_read_only",
            source: .asker { .flag($0.isReadOnly || $0.node.isInRecovery) }),
        Setting(name: "xmloption", source: .session(initially: "content")),
    ]

    /// By their names in lower case.
    private static let byName: [String: Setting] = {
        let all = durability + readers + durations + sizes + node + formats + session
        return Dictionary(uniqueKeysWithValues: all.map { ($0.name.lowercased(), $0) })
    }()

    /// Those a client is told of, in PostgreSQL's order.
    static let reported = byName.keys.sorted().compactMap { byName[$0] }.filter(\.isReported)

    package static func named(_ name: String) -> Setting? { byName[name.lowercased()] }

    /// Its name as PostgreSQL writes it and its value; nil if there is none of that name.
    package static func show(_ name: String, in scope: Setting.Scope) -> (
        name: String, value: String
    )? {
        if let setting = named(name) { return (setting.name, setting.value(in: scope).text) }
        return scope.chosen[name.lowercased()].map { (name, $0) }
    }
}
