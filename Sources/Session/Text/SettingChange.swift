internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import SQLServer
internal import WALFormat

/// A setting that can be changed while the lab runs, and its new value.
enum SettingChange {
    case fullPageWrites(Bool)
    case hotStandbyFeedback(Bool)
    case walCompression(ImageCompression?)
    case duration(DurationSetting, Duration)
    case size(SizeSetting, Int)
    case lagAlarm(LagAlarmSetting)
    case heartbeat(Duration)
    case authentication(AuthenticationMethod)
    case password(Password)

    private static let fullPageWritesName = "full_page_writes"
    private static let hotStandbyFeedbackName = "hot_standby_feedback"
    private static let walCompressionName = "wal_compression"
    private static let leastHeartbeatInterval = Duration.milliseconds(10)

    init(_ name: String, _ value: String) throws(Failure) {
        if [Self.fullPageWritesName, Self.hotStandbyFeedbackName].contains(name) {
            guard let isOn = ["on": true, "off": false][value] else {
                throw Self.unusable(name, value, advice: "config \(name) on, or config \(name) off")
            }
            self =
                name == Self.fullPageWritesName
                ? .fullPageWrites(isOn) : .hotStandbyFeedback(isOn)
        } else if name == Self.walCompressionName {
            self = .walCompression(try Self.compression(value))
        } else if let setting = DurationSetting(rawValue: name) {
            self = .duration(setting, try Self.duration(value, for: setting))
        } else if let setting = SizeSetting(rawValue: name) {
            self = .size(setting, try Self.megabytes(value, for: setting))
        } else if let setting = try LagAlarmSetting(name, value) {
            self = .lagAlarm(setting)
        } else if name == LabSetting.heartbeatIntervalName {
            guard let interval = Self.duration(of: value == "off" ? "0s" : value, in: "ms") else {
                throw Self.unusable(name, value, advice: "config \(name) 1s, or 0 for none")
            }
            guard interval == .zero || interval >= Self.leastHeartbeatInterval else {
                let least = Self.leastHeartbeatInterval.text
                throw Failure(
                    "\(interval.text) is less than \(least), the least that \(name) takes",
                    advice: "config \(name) 1s")
            }
            self = .heartbeat(interval)
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

    /// Makes it so.
    func apply(to lab: Lab) throws(LabFailure) {
        switch self {
        case .fullPageWrites(let isOn): try lab.setFullPageWrites(isOn)
        case .hotStandbyFeedback(let isOn): lab.setHotStandbyFeedback(isOn)
        case .walCompression(let method): lab.setImageCompression(method)
        case .duration(let setting, let duration): lab.set(setting, to: duration)
        case .size(let setting, let megabytes): lab.set(setting, to: megabytes)
        case .lagAlarm(let setting): lab.setLagLimits { setting.change(&$0) }
        case .heartbeat(let interval): lab.setHeartbeatInterval(interval)
        case .authentication(let method): try lab.setAuthentication(method)
        case .password(let password): try lab.setPassword(password)
        }
    }

    /// PostgreSQL's words for a method that its build does not have.
    private static func compression(_ value: String) throws(Failure) -> ImageCompression? {
        let advice = "config \(walCompressionName) pglz, or config \(walCompressionName) off"
        switch value {
        case "off": return nil
        case "on": return .pglz
        default:
            guard let method = ImageCompression.allCases.first(where: { $0.name == value }) else {
                throw unusable(walCompressionName, value, advice: advice)
            }
            switch method {
            case .pglz: return method
            case .lz4, .zstd:
                throw Failure("\(method.name) is not supported by this build", advice: advice)
            }
        }
    }

    private static func duration(
        _ value: String, for setting: DurationSetting
    ) throws(Failure) -> Duration {
        let advice = "config \(setting.rawValue) 10s"
        let unit = setting.limits.unit.rawValue
        if value == "-1", setting.least < .zero { return setting.least }
        guard let duration = duration(of: value, in: unit) else {
            throw unusable(setting.rawValue, value, advice: advice)
        }
        // PostgreSQL would round it to 0, which stands for something else.
        guard duration == .zero || duration >= setting.unit else {
            throw Failure(
                "\(duration.text) is less than 1\(unit), the unit of \(setting.rawValue)",
                advice: advice)
        }
        if let refusal = setting.limits.refusal(of: setting.count(duration)) {
            throw Failure(refusal, advice: advice)
        }
        return setting.nearest(to: duration)
    }

    /// A length of time as the lab or PostgreSQL writes it: `10s`, `2min`, `1d`, or a number of
    /// units.
    static func duration(of value: String, in unit: String) -> Duration? {
        if let count = Int32(value), count > 0 { return duration(of: "\(count)\(unit)", in: unit) }
        let units = [("min", "m", Int64(1)), ("d", "h", 24)]
        for (name, own, factor) in units where value.hasSuffix(name) {
            return Int32(value.dropLast(name.utf8.count)).flatMap {
                duration(of: "\(Int64($0) * factor)\(own)", in: unit)
            }
        }
        return try? LabDuration(parsing: value).duration
    }

    private static func megabytes(
        _ value: String, for setting: SizeSetting
    ) throws(Failure) -> Int {
        let advice = "config \(setting.rawValue) 4MB"
        guard let megabytes = SizeSetting.megabytes(value) else {
            throw unusable(setting.rawValue, value, advice: advice)
        }
        if let refusal = setting.limits.refusal(of: megabytes) {
            throw Failure(refusal, advice: advice)
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
        case .fullPageWrites, .hotStandbyFeedback, .walCompression, .duration, .size, .lagAlarm,
            .heartbeat, .authentication:
            nil
        }
    }

    /// What that means from now on.
    var sentence: String {
        switch self {
        case .fullPageWrites(true):
            "full_page_writes is on: pages are safe from the next checkpoint on"
        case .fullPageWrites(false):
            "full_page_writes is off: a page torn by a crash cannot be repaired any more"
        case .hotStandbyFeedback(true):
            "hot_standby_feedback is on: vacuum spares what readers on replicas need"
        case .hotStandbyFeedback(false):
            "hot_standby_feedback is off: vacuum asks nobody on replicas"
        case .walCompression(nil):
            "wal_compression is off: images of whole pages stand in the log as they are"
        case .walCompression(let method?):
            "wal_compression is \(method.name): images of whole pages are compressed, no others"
        case .duration(.walReceiverStatusInterval, .zero):
            "wal_receiver_status_interval is 0: replicas report their positions only when asked"
        case .duration(.authenticationTimeout, let duration):
            "authentication_timeout is \(duration.text) of real time, for whoever connects next"
        case .duration(.maxStandbyStreamingDelay, .zero):
            "max_standby_streaming_delay is 0: a reader in the way of replay is cancelled at once"
        case .duration(.maxStandbyStreamingDelay, let delay) where delay < .zero:
            "max_standby_streaming_delay is -1: replay waits for readers as long as they take"
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
        case .lagAlarm(let setting): setting.sentence
        case .heartbeat(.zero): "heartbeat_interval is 0: nobody writes heartbeats"
        case .heartbeat(let interval):
            "heartbeat_interval is \(interval.text): so often a client commits the row 'heartbeat'"
        case .authentication(.trust):
            "auth is trust: outside programs are let in without a password"
        case .authentication(.scram):
            "auth is scram: outside programs are asked for the password that connect shows"
        case .password: "the password is changed; connect shows it"
        }
    }
}
