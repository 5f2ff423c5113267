internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `connect`: where each node listens, and what to tell libpq. The only reply with ports in it,
    /// and with a password.
    func connect() -> Reply {
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
            lines: events() + table.lines,
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
}
