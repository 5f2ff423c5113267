import Cluster
import Testing
import WireProtocol

/// The extended query protocol, message by message, as PostgreSQL 15 answers it.
struct ServerExtendedTests {
    private let lab: Lab
    private let client: ServerTestClient

    init() throws {
        lab = try watchedLab(LabOptions(replicas: 0))
        client = try ServerTestClient(lab)
    }

    private func group(_ messages: FrontendMessage...) -> String {
        client.send(messages.flatMap { $0.encoded() } + FrontendMessage.sync.encoded())
        return client.readUntilReady().map(\.description).joined(separator: " ")
    }

    /// Parse, Bind and Execute of a statement without a name.
    private func run(_ query: String, _ values: String?...) -> [FrontendMessage] {
        [
            .parse(Parse(query: query)),
            .bind(Bind(parameters: values.map { $0.map { Array($0.utf8) } })),
            .execute(portal: "", maximumRows: 0),
        ]
    }

    private func group(_ runs: [FrontendMessage]...) -> String {
        client.send(runs.joined().flatMap { $0.encoded() } + FrontendMessage.sync.encoded())
        return client.readUntilReady().map(\.description).joined(separator: " ")
    }

    private func rows() -> String {
        client.query("SELECT * FROM kv ORDER BY key").map(\.description).joined(separator: " ")
    }

    @Test func `a statement without a name is prepared, described and run`() {
        defer { lab.close() }
        #expect(
            group(
                .parse(Parse(query: "SELECT $1, $2::int + 1")), .describe(.statement("")),
                .bind(Bind(parameters: [Array("x".utf8), Array("41".utf8)])),
                .describe(.portal("")), .execute(portal: "", maximumRows: 0))
                == #"1 types [25, 23] 2 ["x", "42"] SELECT 1 I"#)
        #expect(group(.parse(Parse(query: ""))) == "1 I")
        #expect(group(.bind(Bind()), .execute(portal: "", maximumRows: 0)) == "2 empty I")
        #expect(group(run("DELETE FROM kv"), [.describe(.portal(""))]) == "1 2 DELETE 0 n I")
    }

    @Test func `a named statement lasts until it is closed`() {
        defer { lab.close() }
        let insert = Parse(statement: "s", query: "INSERT INTO kv VALUES ($1, $2)")
        func bind(_ key: String) -> FrontendMessage {
            .bind(Bind(statement: "s", parameters: [Array(key.utf8), Array("1".utf8)]))
        }
        let execute = FrontendMessage.execute(portal: "", maximumRows: 0)
        #expect(group(.parse(insert), bind("a"), execute) == "1 2 INSERT 0 1 I")
        #expect(client.query("SELECT 1").count == 3)
        #expect(group(bind("b"), execute, bind("c"), execute) == "2 INSERT 0 1 2 INSERT 0 1 I")
        #expect(group(.parse(insert)) == "E42P05 I")
        #expect(group(.close(.statement("s")), .close(.statement("none"))) == "3 3 I")
        #expect(group(bind("d"), execute) == "E26000 I")
        #expect(rows() == #"["a", "1"] ["b", "1"] ["c", "1"] SELECT 3 I"#)
        #expect(group(.parse(insert)) == "1 I")
        #expect(client.query("DEALLOCATE s").last == .ready("I"))
        #expect(client.query("DEALLOCATE s") == [.error("26000"), .ready("I")])
    }

    @Test func `an error undoes its group and skips to Sync`() {
        defer { lab.close() }
        let insert = "INSERT INTO kv VALUES ($1, '1')"
        #expect(
            group(run(insert, "a"), run(insert, "a"), run(insert, "b"))
                == "1 2 INSERT 0 1 1 2 E23505 I")
        #expect(rows() == "SELECT 0 I")
        #expect(group(run(insert, "a"), run("SELECT nope"), run(insert, "b")).hasSuffix("E42703 I"))
        #expect(rows() == "SELECT 0 I")
        #expect(group(run(insert, "a"), run(insert, "b")) == "1 2 INSERT 0 1 1 2 INSERT 0 1 I")
        #expect(rows() == #"["a", "1"] ["b", "1"] SELECT 2 I"#)
    }

    @Test func `BEGIN and COMMIT work inside a group and across groups`() {
        defer { lab.close() }
        let insert = "INSERT INTO kv VALUES ($1, '1')"
        #expect(group(run("BEGIN"), run(insert, "a")) == "1 2 BEGIN 1 2 INSERT 0 1 T")
        #expect(group(run("SELECT nope")) == "E42703 E")
        #expect(group(run("SELECT 1")) == "E25P02 E")
        #expect(group(run("ROLLBACK")) == "1 2 ROLLBACK I")
        #expect(
            group(run(insert, "a"), run("COMMIT"), run(insert, "a"))
                == "1 2 INSERT 0 1 1 2 N25P01 COMMIT 1 2 E23505 I")
        #expect(rows() == #"["a", "1"] SELECT 1 I"#)
        // A simple query ends a group that has no Sync.
        client.send(run(insert, "b").flatMap { $0.encoded() })
        #expect(client.query("SELECT 1").suffix(1) == [.ready("I")])
        #expect(rows() == #"["a", "1"] ["b", "1"] SELECT 2 I"#)
    }

    @Test func `a portal gives its rows in pieces until its transaction ends`() {
        defer { lab.close() }
        _ = client.query("INSERT INTO kv VALUES ('a', '1'), ('b', '2'), ('c', '3')")
        let two = FrontendMessage.execute(portal: "p", maximumRows: 2)
        let open: [FrontendMessage] = [
            .parse(Parse(query: "SELECT key FROM kv ORDER BY key")), .bind(Bind(portal: "p")),
        ]
        #expect(
            group(open, [two, two, two])
                == #"1 2 ["a"] ["b"] s ["c"] SELECT 1 SELECT 0 I"#)
        #expect(group(two) == "E34000 I")
        _ = client.query("BEGIN")
        #expect(group(open, [two]) == #"1 2 ["a"] ["b"] s T"#)
        #expect(group(two) == #"["c"] SELECT 1 T"#)
        #expect(group(.bind(Bind(portal: "p"))) == "E42P03 E")
        #expect(client.query("COMMIT").last == .ready("I"))
        #expect(
            group(run("DELETE FROM kv"), [.execute(portal: "", maximumRows: 0)])
                == "1 2 DELETE 3 E55000 I")
    }

    @Test func `binary parameters and results are read and written`() throws {
        defer { lab.close() }
        let query = "SELECT $1::int2, $2::int4, $3::int8, $4::bool, $5::text, $6::pg_lsn, $7::oid"
        let values: [[UInt8]] = [
            [0xFF, 0xFE], [0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 0, 7], [1], Array("é".utf8),
            [0, 0, 0, 0, 1, 0x6B, 0x37, 0x48], [0xFF, 0xFF, 0xFF, 0xFF],
        ]
        let rest = FrontendMessage.execute(portal: "", maximumRows: 0).encoded()
        for format in [0, 1] as [UInt16] {
            let bind = Bind(parameterFormats: [1], parameters: values, resultFormats: [format])
            client.send(FrontendMessage.parse(Parse(query: query)).encoded())
            client.send(FrontendMessage.bind(bind).encoded() + rest)
            client.send(.sync)
            let row = client.messagesUntilReady().compactMap { message in
                if case .dataRow(let row) = message { row } else { nil }
            }
            let texts = ["-2", "256", "7", "t", "é", "0/16B3748", "4294967295"]
            #expect(row == [format == 1 ? values : texts.map { Array($0.utf8) }])
        }
    }

    @Test(arguments: [
        (Bind(parameters: []), "E08P01"), (Bind(parameters: [[49], [49]]), "E08P01"),
        (Bind(parameters: [[49]], resultFormats: [0, 0]), "E08P01"),
        (Bind(parameterFormats: [2], parameters: [[49]]), "E22023"),
        (Bind(parameterFormats: [1], parameters: [[1, 2]]), "E22P03"),
        (Bind(parameters: [Array("x".utf8)]), "E22P02"), (Bind(parameters: [[0xFF]]), "E22021"),
        (Bind(parameters: [Array("99999999999".utf8)]), "E22003"),
    ])
    func `a Bind that does not fit its statement is refused`(_ bind: Bind, _ answer: String) {
        defer { lab.close() }
        #expect(group(.parse(Parse(query: "SELECT $1::int")), .bind(bind)) == "1 \(answer) I")
    }

    @Test(
        arguments: [
            ("SELECT * FROM kv WHERE key = $1 LIMIT $2", [], "1 types [25, 20] I"),
            ("SELECT pg_wal_lsn_diff($1, $2)", [], "1 types [3220, 3220] I"),
            ("UPDATE kv SET value = $2 WHERE key = $1", [], "1 types [25, 25] n I"),
            ("INSERT INTO kv VALUES ($1, $2)", [0, 21], "1 types [25, 21] n I"),
            ("SELECT * FROM kv WHERE key = $1", [23], "E42883 I"),
            ("DELETE FROM kv WHERE key = $1", [20], "E42883 I"), ("SELECT $2::int", [], "E42P18 I"),
            ("SELECT 1; SELECT 2", [], "E42601 I"), ("SELECT * FROM nope", [], "E42P01 I"),
            ("COPY kv TO STDOUT", [], "E0A000 I"),
        ] as [(String, [UInt32], String)])
    func `the place of a parameter decides its type`(
        _ query: String, _ declared: [UInt32], _ answer: String
    ) {
        defer { lab.close() }
        let parse = Parse(query: query, parameterTypes: declared)
        #expect(group(.parse(parse), .describe(.statement(""))) == answer)
    }

    @Test func `what a client prepares and never closes is bounded`() {
        defer { lab.close() }
        let long = "SELECT '\(String(repeating: "x", count: 1_000_000))'"
        var answers: [String] = []
        for number in 0..<10 {
            answers.append(group(.parse(Parse(statement: "s\(number)", query: long))))
        }
        #expect(answers == Array(repeating: "1 I", count: 8) + ["E53400 I", "E53400 I"])
        #expect(client.query("DEALLOCATE ALL").last == .ready("I"))
        _ = client.query("BEGIN")
        let portals = (0..<40).map { FrontendMessage.bind(Bind(portal: "p\($0)")) }
        #expect(group([.parse(Parse(query: "SELECT 1"))], portals).hasSuffix("2 E53400 E"))
    }
}
