package import WALFormat
package import WireProtocol

/// What a node tells a client that it lets in, be it for SQL or as a replica: PostgreSQL's thirteen
/// reported settings, and the lab's own timeline.
package struct ServerGreeting {
    package let user: String
    package let applicationName: String
    package let timeline: Timeline
    package let processID: Int32
    package let configuration: NodeConfiguration

    package init(
        user: String, applicationName: String, timeline: Timeline, processID: Int32,
        configuration: NodeConfiguration
    ) {
        self.user = user
        self.applicationName = applicationName
        self.timeline = timeline
        self.processID = processID
        self.configuration = configuration
    }

    package var messages: [BackendMessage] {
        let scope = Setting.Scope(
            node: configuration, chosen: ["application_name": applicationName], user: user)
        var reported = ReportedSettings()
        return [.authenticationOK] + reported.changes(in: scope)
            + [
                Self.writing(on: timeline),
                .backendKeyData(processID: processID, secretKey: 0), .readyForQuery(.idle),
            ]
    }

    /// On which timeline the node writes.
    static func writing(on timeline: Timeline) -> BackendMessage {
        .parameterStatus(name: ReportedParameter.timeline, value: "\(timeline.rawValue)")
    }

    /// Where a commit's record ends; said before its OK.
    static func committed(at position: LSN) -> BackendMessage {
        .parameterStatus(name: ReportedParameter.commitLSN, value: "\(position)")
    }
}
