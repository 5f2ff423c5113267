internal import Cluster
internal import SQLServer

extension LabSetting {
    /// The names of all settings, in the order a lab shows them.
    static var names: [String] {
        [
            "seed", "replicas", "wal_segment_size", "fsync", "synchronous_commit",
            "full_page_writes", "wal_compression", authenticationName, passwordName,
            lagAlarmTimeName, lagAlarmBytesName, heartbeatIntervalName,
        ] + SettingTable.readers.map(\.name) + DurationSetting.allCases.map(\.rawValue)
            + SizeSetting.allCases.map(\.rawValue)
    }
}
