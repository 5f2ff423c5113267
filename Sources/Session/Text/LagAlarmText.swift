internal import Cluster
internal import CommandLanguage
internal import LabClock

/// A limit of the lag alarms, and its new value: `lag_alarm_time 10s`, `lag_alarm_bytes 1GB`.
enum LagAlarmSetting: Hashable, Sendable {
    case time(Duration)
    case bytes(Int)

    /// Nil: it is the name of another setting.
    init?(_ name: String, _ value: String) throws(Failure) {
        switch name {
        case LabSetting.lagAlarmTimeName:
            guard let time = SettingChange.duration(of: value, in: "ms") else {
                throw Self.unusable(name, value, advice: "config \(name) 10s, or 0 for no alarm")
            }
            self = .time(time)
        case LabSetting.lagAlarmBytesName:
            do throws(ByteSize.Problem) {
                self = .bytes(try ByteSize.parse(value))
            } catch {
                throw Self.unusable(name, value, advice: "config \(name) 1GB, or 0 for no alarm")
            }
        default: return nil
        }
    }

    private static func unusable(_ name: String, _ value: String, advice: String) -> Failure {
        Failure("\(name) cannot be \(Words.quoted(value))", advice: advice)
    }

    func change(_ limits: inout LagLimits) {
        switch self {
        case .time(let time): limits.time = time
        case .bytes(let count): limits.byteCount = count
        }
    }

    /// What that means from now on.
    var sentence: String {
        switch self {
        case .time(.zero): "lag_alarm_time is 0: no alarm for the age of what is missing"
        case .time(let time): "lag_alarm_time is \(time.text): older commits missing are an alarm"
        case .bytes(0): "lag_alarm_bytes is 0: no alarm for the amount that is missing"
        case .bytes(let count):
            "lag_alarm_bytes is \(ByteSize.text(count)): more WAL missing is an alarm"
        }
    }
}

extension LagAlarm {
    /// As an event, behind the replica's name.
    var text: String {
        switch self {
        case .raised(let limit, let primary, let rpo):
            let crossed = "\(limit.size) behind \(primary) (\(limit.setting))"
            let cost = rpo.map { "its RPO is \(Words.commits($0)) now" } ?? "it cannot be promoted"
            return "alarm: \(crossed); \(cost)"
        case .over: return "the alarm is over"
        }
    }
}

extension LagAlarm.Limit {
    var size: String {
        switch self {
        case .time(let time): time.text
        case .bytes(let count): ByteSize.text(count)
        }
    }

    var setting: String {
        switch self {
        case .time: LabSetting.lagAlarmTimeName
        case .bytes: LabSetting.lagAlarmBytesName
        }
    }
}
