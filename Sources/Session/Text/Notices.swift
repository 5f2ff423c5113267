internal import Cluster
internal import SQLServer

/// When each end of a connection finds out that the other is silent: by its own setting alone.
struct Notices {
    private let settings: [String: String]

    init(_ lab: Lab) {
        settings = lab.settings().reduce(into: [:]) { $0[$1.name] = $1.value }
    }

    /// `gives up after 1min (wal_receiver_timeout)`
    var receiver: String { gives(.walReceiverTimeout) }

    /// The same of the upstream.
    var sender: String { gives(.walSenderTimeout) }

    /// `tries again every 5s`
    var retry: String {
        "tries again after \(settings[DurationSetting.walRetrieveRetryInterval.rawValue] ?? "")"
    }

    /// What becomes of the connection of two ends of which neither hears the other.
    func silence(between upstream: String, and replica: String) -> [String] {
        let names = [DurationSetting.walSenderTimeout, .walReceiverTimeout].map(\.rawValue)
        guard let value = settings[names[0]], value == settings[names[1]], value != "0" else {
            return ["\(upstream) \(sender)", "\(replica) \(receiver)"]
        }
        return ["both give up after \(value) (\(names.joined(separator: ", ")))"]
    }

    private func gives(_ setting: DurationSetting) -> String {
        guard let value = settings[setting.rawValue], value != "0" else {
            return "never gives up (\(setting.rawValue) is 0)"
        }
        return "gives up after \(value) (\(setting.rawValue))"
    }
}
