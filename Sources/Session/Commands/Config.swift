internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `config`: the settings, or one of them.
    func config(_ name: String?) throws(Failure) -> Reply {
        let settings = lab.settings().filter { name == nil || $0.name == name }
        guard !settings.isEmpty else {
            throw Failure("no setting \(Words.quoted(name ?? ""))", advice: "config")
        }
        return Reply(
            lines: events() + lines(settings),
            json: [
                [
                    "settings": .array(
                        settings.map {
                            [
                                "name": .string($0.name), "value": .string($0.value),
                                "meaning": .string($0.explanation),
                            ]
                        })
                ]
            ])
    }

    /// `config NAME VALUE`: changes a setting that can be changed while the lab runs.
    func configSet(_ name: String, _ value: String) throws(Failure) -> Reply {
        let before = look()
        let change = try SettingChange(name, value)
        try ask(.configSet(name: name, value: value)) { () throws(LabFailure) in
            switch change {
            case .fullPageWrites(let isOn): try lab.setFullPageWrites(isOn)
            case .duration(let setting, let duration): lab.set(setting, to: duration)
            case .size(let setting, let megabytes): lab.set(setting, to: megabytes)
            case .authentication(let method): try lab.setAuthentication(method)
            case .password(let password): try lab.setPassword(password)
            }
        }
        return Reply(
            lines: [change.sentence] + consequences(since: before),
            json: [["name": .string(name), "value": .string(change.shownValue ?? value)]])
    }

    /// Name, value and meaning in columns; a long meaning goes on below itself.
    private func lines(_ settings: [LabSetting]) -> [String] {
        var table = TextTable([.text("name"), .text("value"), .text("meaning")])
        let names = settings.map { DisplayWidth.of($0.name) }.max() ?? 0
        let values = settings.map { DisplayWidth.of($0.value) }.max() ?? 0
        let room = max(20, 80 - max(names, 4) - max(values, 5) - 4)
        for setting in settings {
            let meaning = Words.wrapped(setting.explanation, width: room)
            table.append([setting.name, setting.value, meaning.first ?? ""])
            for line in meaning.dropFirst() { table.append(["", "", line]) }
        }
        return table.lines
    }
}

/// A setting that can be changed while the lab runs, and its new value.
private enum SettingChange {
    case fullPageWrites(Bool)
    case duration(DurationSetting, Duration)
    case size(SizeSetting, Int)
    case authentication(AuthenticationMethod)
    case password(Password)

    private static let fullPageWritesName = "full_page_writes"

    init(_ name: String, _ value: String) throws(Failure) {
        if name == Self.fullPageWritesName {
            guard let isOn = ["on": true, "off": false][value] else {
                throw Self.unusable(name, value, advice: "config \(name) on, or config \(name) off")
            }
            self = .fullPageWrites(isOn)
        } else if let setting = DurationSetting(rawValue: name) {
            self = .duration(setting, try Self.duration(value, for: setting))
        } else if let setting = SizeSetting(rawValue: name) {
            self = .size(setting, try Self.megabytes(value, for: setting))
        } else if name == LabSetting.authenticationName {
            guard let method = AuthenticationMethod(rawValue: value) else {
                throw Self.unusable(name, value, advice: "config auth trust, or config auth scram")
            }
            self = .authentication(method)
        } else if name == LabSetting.passwordName {
            guard let password = Password(value) else {
                throw Failure(
                    "a password is of 1 to \(Password.maximumLength) printable ASCII characters",
                    advice: "config password 'open sesame'")
            }
            self = .password(password)
        } else {
            throw Failure(
                "\(name) cannot be changed while the lab runs",
                advice: "help config, for those that can")
        }
    }

    private static func duration(
        _ value: String, for setting: DurationSetting
    ) throws(Failure) -> Duration {
        let advice = "config \(setting.rawValue) 10s"
        guard let duration = try? LabDuration(parsing: value).duration else {
            throw unusable(setting.rawValue, value, advice: advice)
        }
        guard duration >= setting.least else {
            throw Failure(
                "\(setting.rawValue) is at the least \(setting.least.text)", advice: advice)
        }
        guard duration <= setting.most ?? duration else {
            throw Failure(
                "\(setting.rawValue) is at the most \(setting.most?.text ?? "")", advice: advice)
        }
        return duration
    }

    private static func megabytes(
        _ value: String, for setting: SizeSetting
    ) throws(Failure) -> Int {
        let advice = "config \(setting.rawValue) 4MB"
        guard let megabytes = SizeSetting.megabytes(value) else {
            throw unusable(setting.rawValue, value, advice: advice)
        }
        guard megabytes >= setting.least else {
            throw Failure(
                "\(setting.rawValue) is at the least \(SizeSetting.text(setting.least))",
                advice: advice)
        }
        return megabytes
    }

    private static func unusable(_ name: String, _ value: String, advice: String) -> Failure {
        Failure("\(name) cannot be \(Words.quoted(value))", advice: advice)
    }

    /// The value as anybody may see it; nil: as it was typed.
    var shownValue: String? {
        switch self {
        case .password: LabSetting.hiddenPassword
        case .fullPageWrites, .duration, .size, .authentication: nil
        }
    }

    /// What that means from now on.
    var sentence: String {
        switch self {
        case .fullPageWrites(true):
            "full_page_writes is on: pages are safe from the next checkpoint on"
        case .fullPageWrites(false):
            "full_page_writes is off: a page torn by a crash cannot be repaired any more"
        case .duration(.walReceiverStatusInterval, .zero):
            "wal_receiver_status_interval is 0: replicas report their positions only when asked"
        case .duration(.authenticationTimeout, let duration):
            "authentication_timeout is \(duration.text) of real time, for whoever connects next"
        case .duration(let setting, .zero):
            "\(setting.rawValue) is 0: a connection that is cut off is never given up"
        case .duration(let setting, let duration):
            "\(setting.rawValue) is \(duration.text)"
        case .size(.walKeepSize, let megabytes):
            "wal_keep_size is \(SizeSetting.text(megabytes)): "
                + (megabytes == 0
                    ? "nothing is kept for replicas without a slot"
                    : "so much WAL is kept for whoever may come")
        case .size(.maxSlotWALKeepSize, ..<0):
            "max_slot_wal_keep_size is -1: a slot keeps WAL until the disk is full"
        case .size(.maxSlotWALKeepSize, let megabytes):
            "max_slot_wal_keep_size is \(SizeSetting.text(megabytes)): "
                + "a slot that keeps more is lost"
        case .size(.maxWALSize, let megabytes):
            "max_wal_size is \(SizeSetting.text(megabytes)): so much WAL brings a checkpoint"
        case .size(.minWALSize, let megabytes):
            "min_wal_size is \(SizeSetting.text(megabytes)): "
                + "so much room for WAL is held ready by recycling"
        case .authentication(.trust):
            "auth is trust: outside programs are let in without a password"
        case .authentication(.scram):
            "auth is scram: outside programs are asked for the password that connect shows"
        case .password: "the password is changed; connect shows it"
        }
    }
}
