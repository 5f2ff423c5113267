import WALFormat
package import WireProtocol

/// What a node tells a client that it lets in, be it for SQL or as a replica: PostgreSQL's thirteen
/// reported settings.
package struct ServerGreeting {
    package let user: String
    package let applicationName: String
    package let processID: Int32
    package let configuration: NodeConfiguration

    package init(
        user: String, applicationName: String, processID: Int32,
        configuration: NodeConfiguration
    ) {
        self.user = user
        self.applicationName = applicationName
        self.processID = processID
        self.configuration = configuration
    }

    package var messages: [BackendMessage] {
        let scope = Setting.Scope(
            node: configuration, chosen: ["application_name": applicationName], user: user)
        var reported = ReportedSettings()
        return [.authenticationOK] + reported.changes(in: scope)
            + [
                .backendKeyData(processID: processID, secretKey: 0), .readyForQuery(.idle),
            ]
    }

    /// Where a commit's record ends; said before its OK.
    static func committed(at position: LogPosition) -> BackendMessage {
        .parameterStatus(
            name: ReportedParameter.commit, value: ReportedParameter.text(position))
    }
}
