/// The packet that opens a session: `Int32 length, Int32 version, (name\0 value\0)*, \0`.
///
/// Parameters keep their order and may repeat; the last one of a name counts, as in PostgreSQL
/// (`ProcessStartupPacket`).
public struct StartupMessage: Hashable, Sendable {
    /// One `name\0 value\0` pair.
    public struct Parameter: Hashable, Sendable {
        /// `user`, `database`, `replication`, `application_name`, or any setting's name.
        public let name: String
        /// Its value as sent.
        public let value: String

        /// A pair.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What the connection is for, from the parameter `replication`.
    public enum Mode: Hashable, Sendable {
        /// An ordinary session.
        case sql
        /// A WAL sender without a database.
        case physicalReplication
        /// A WAL sender bound to a database (`replication=database`).
        case logicalReplication
    }

    /// The version asked for; 3.0 unless the client wants something newer.
    public var version: ProtocolVersion
    /// The pairs in the order sent.
    public var parameters: [Parameter]

    /// A startup packet from its parts.
    public init(version: ProtocolVersion = .v3, parameters: [Parameter]) {
        self.version = version
        self.parameters = parameters
    }

    /// A startup packet as a lab client or a replica sends it.
    public init(
        user: String, database: String? = nil, applicationName: String? = nil,
        replication: Bool = false
    ) {
        var parameters = [Parameter("user", user)]
        if let database { parameters.append(Parameter("database", database)) }
        if replication { parameters.append(Parameter("replication", "true")) }
        if let applicationName {
            parameters.append(Parameter("application_name", applicationName))
        }
        self.init(parameters: parameters)
    }

    /// The last value sent for `name`.
    public subscript(name: String) -> String? {
        parameters.last { $0.name == name }?.value
    }

    /// The user's name; empty only in a packet no decoder gave.
    public var user: String { self["user"] ?? "" }

    /// The database asked for, which is the user's name unless the packet says otherwise.
    public var database: String {
        self["database"].flatMap { $0.isEmpty ? nil : $0 } ?? user
    }

    /// `application_name`, empty unless the packet says otherwise.
    public var applicationName: String { self["application_name"] ?? "" }

    /// What the connection is for; `.sql` if `replication` is not a value PostgreSQL knows.
    public var mode: Mode { Self.mode(replication: self["replication"] ?? "off") ?? .sql }

    /// The message to send before AuthenticationOK if the client asked for a newer minor version
    /// or for options named `_pq_.…`, none of which exist in 3.0; else `nil`.
    public var negotiation: BackendMessage? {
        let unrecognized = parameters.map(\.name).filter { $0.hasPrefix("_pq_.") }
        guard version.minor > ProtocolVersion.v3.minor || !unrecognized.isEmpty else { return nil }
        return .negotiateProtocolVersion(newest: .v3, unrecognized: unrecognized)
    }
}

extension StartupMessage {
    /// Decodes what follows the length word.
    init(decoding payload: ArraySlice<UInt8>) throws(FrameError) {
        var reader = ByteReader(payload)
        guard let code = try? reader.integer(UInt32.self) else { throw .startupTerminatorMissing }
        version = ProtocolVersion(code: code)
        guard version.major == 3 else { throw .unsupportedProtocol(version) }
        parameters = []
        while true {
            guard let name = try? reader.cStringBytes() else { throw .startupTerminatorMissing }
            if name.isEmpty { break }
            guard let value = try? reader.cStringBytes() else { throw .startupTerminatorMissing }
            // Names and values may be in the client's encoding, which is not known yet.
            parameters.append(
                Parameter(
                    String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        guard reader.remaining == 0 else { throw .startupTerminatorMissing }
        if let replication = self["replication"], Self.mode(replication: replication) == nil {
            throw .invalidReplicationParameter(replication)
        }
        guard !user.isEmpty else { throw .userMissing }
    }

    func encoded() -> [UInt8] {
        var writer = FrameWriter(nil, capacity: 128)
        writer.integer(version.code)
        for parameter in parameters {
            writer.cString(parameter.name)
            writer.cString(parameter.value)
        }
        writer.integer(UInt8(0))
        return writer.finished()
    }

    /// PostgreSQL's `parse_bool`: any unambiguous prefix of a truth word, in any case.
    private static func mode(replication value: String) -> Mode? {
        if value == "database" { return .logicalReplication }
        let word = value.lowercased()
        guard !word.isEmpty else { return nil }
        if word == "1" || word == "on" || ["true", "yes"].contains(where: { $0.hasPrefix(word) }) {
            return .physicalReplication
        }
        let isFalse =
            word == "0" || word == "of" || word == "off"
            || ["false", "no"].contains { $0.hasPrefix(word) }
        return isFalse ? .sql : nil
    }
}
