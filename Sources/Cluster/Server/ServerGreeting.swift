import WALFormat
import WireProtocol

/// What a node tells a client that it lets in: PostgreSQL's thirteen reported settings, and the
/// lab's own timeline.
struct ServerGreeting {
    static let version = "15.0 (shiplog)"

    let user: String
    let applicationName: String
    let isInRecovery: Bool
    let timeline: Timeline
    let processID: Int32

    var messages: [BackendMessage] {
        [.authenticationOK]
            + settings.map { .parameterStatus(name: $0.0, value: $0.1) }
            + [.backendKeyData(processID: processID, secretKey: 0), .readyForQuery(.idle)]
    }

    /// Where a commit's record ends; said before its OK.
    static func committed(at position: LSN) -> BackendMessage {
        .parameterStatus(name: ReportedParameter.commitLSN, value: "\(position)")
    }

    /// What changes when a standby is promoted; `in_hot_standby` is how libpq routes.
    static func promoted(to timeline: Timeline) -> [BackendMessage] {
        [
            .parameterStatus(name: "in_hot_standby", value: "off"),
            .parameterStatus(name: ReportedParameter.timeline, value: "\(timeline.rawValue)"),
        ]
    }

    private var settings: [(String, String)] {
        [
            ("application_name", applicationName),
            ("client_encoding", "UTF8"),
            ("DateStyle", "ISO, MDY"),
            ("default_transaction_read_only", "off"),
            ("in_hot_standby", isInRecovery ? "on" : "off"),
            ("integer_datetimes", "on"),
            ("IntervalStyle", "postgres"),
            ("is_superuser", "on"),
            ("server_encoding", "UTF8"),
            ("server_version", Self.version),
            ("session_authorization", user),
            ("standard_conforming_strings", "on"),
            ("TimeZone", "UTC"),
            (ReportedParameter.timeline, "\(timeline.rawValue)"),
        ]
    }
}
