import WireProtocol

/// One of each, and the odd ones.
enum MessageSamples {
    static let startups: [FrontendMessage] = [
        .sslRequest, .gssencRequest,
        .cancelRequest(processID: 4711, secretKey: -559_038_737),
    ]

    static let startup = FrontendMessage.startup(
        StartupMessage(user: "postgres", applicationName: "walreceiver", replication: true))

    static let frontend: [FrontendMessage] = [
        .query("SELECT 1"), .query(""), .query("SELECT 'größe 🐘'"),
        .parse(Parse(query: "SELECT 1")),
        .parse(Parse(statement: "s", query: "SELECT $1", parameterTypes: [25, 0])),
        .bind(Bind()),
        .bind(
            Bind(
                portal: "p", statement: "s", parameterFormats: [0, 1],
                parameters: [nil, [1, 0, 255]], resultFormats: [1])),
        .bind(Bind(parameterFormats: [1], parameters: [[], [7]], resultFormats: [0, 1, 0])),
        .describe(.statement("s")), .describe(.portal("")),
        .execute(portal: "p", maximumRows: 1), .execute(portal: "", maximumRows: -1),
        .close(.statement("")), .close(.portal("p")),
        .sync, .flush, .copyData([]), .copyData([0, 1, 2]), .copyDone, .copyFail("enough"),
        .copyData(Array(repeating: 0x77, count: 3000)), .terminate,
    ]

    static let error = ServerError(
        severity: .fatal, code: .cannotConnectNow, message: "the database system is starting up",
        detail: "d", hint: "h", position: 7,
        context: [.context: "w", .file: "f.c", .line: "12", .routine: "R", .table: "kv"])

    static let backend: [BackendMessage] = [
        .authenticationOK, .authentication(.cleartextPassword),
        .authentication(.sasl(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])),
        .authentication(.sasl(mechanisms: [])), .authentication(.saslContinue([1, 0, 2])),
        .authentication(.saslFinal([])), .authentication(.unsupported(kind: 5, [1, 2, 3, 4])),
        .negotiateProtocolVersion(newest: .v3, unrecognized: []),
        .negotiateProtocolVersion(newest: .v3, unrecognized: ["_pq_.a", "_pq_.b"]),
        .parameterStatus(name: "server_version", value: "15.0 (walship-lab)"),
        .backendKeyData(processID: 1, secretKey: .min),
        .readyForQuery(.idle), .readyForQuery(.inTransaction), .readyForQuery(.failed),
        .rowDescription([]), .rowDescription([Column("a", .text), Column("größe", .int8)]),
        .rowDescription([
            Column("k", .text, tableOID: 16384, attribute: 1, typeModifier: 4, format: 1)
        ]),
        .dataRow([]), .dataRow([nil, [], [0, 255]]), .row(["x", nil]),
        .commandComplete("SELECT 2"), .emptyQueryResponse,
        .errorResponse(error), .noticeResponse(ServerError(code: .warning, message: "")),
        .parseComplete, .bindComplete, .closeComplete, .parameterDescription([]),
        .parameterDescription([25, 23]), .noData, .portalSuspended,
        .copyInResponse(), .copyOutResponse(), .copyBothResponse(),
        .copyOutResponse(CopyResponse(format: 1, columnFormats: [1, 0])),
        .copyData([]), .copyData([9, 8]), .copyDone,
    ]
}
