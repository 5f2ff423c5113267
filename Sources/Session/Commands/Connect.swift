internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON

/// `connect`: where each node listens, and what to tell libpq. The only reply with ports in it, and
/// with a password.
struct ConnectCommand: LabCommand {
    static let spec = CommandSpec(
        "connect", .look, [],
        summary: "print where each node listens",
        details: """
            Every node listens on its own port of 127.0.0.1 and speaks PostgreSQL's protocol, \
            so psql and pg_receivewal can connect to it as they would to a server. They take \
            a node's connection string as it is, in quotes: psql "host=127.0.0.1 port=...". \
            Any user and any database will do; after 'config auth scram' the string has the \
            password in it.
            """,
        example: "connect", seeAlso: ["status"], changesState: false,
        triedWords: ["ports", "port", "address", "dsn", "psql"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let lab = context.lab
        let addresses = lab.addresses()
        let password = lab.authentication == .scram ? lab.password : nil
        let strings = addresses.map { address in
            address.port.map {
                ConnectionString(
                    host: address.host, port: $0, password: password, isEncrypted: lab.speaksTLS
                ).text
            }
        }
        var table = TextTable(
            [.text("node"), .text("host"), .number("port"), .text("connection string")])
        for (address, string) in zip(addresses, strings) {
            table.append([
                address.node, address.host, address.port.map(String.init) ?? "-", string ?? "-",
            ])
        }
        return Reply(
            lines: context.events() + table.lines,
            json: [
                [
                    "nodes": .array(
                        zip(addresses, strings).map { address, string in
                            [
                                "name": .string(address.node), "host": .string(address.host),
                                "port": address.port.map { .int($0) } ?? .null,
                                "connection": .optional(string),
                            ]
                        })
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension ConnectCommand {
    init(_ arguments: BoundArguments) {}
}
