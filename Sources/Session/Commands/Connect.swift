internal import Cluster
internal import CommandLanguage

extension Session {
    /// `connect`: where each node listens. The only reply with ports in it.
    func connect() -> Reply {
        let addresses = lab.addresses()
        var table = TextTable([.text("node"), .text("host"), .number("port")])
        for address in addresses {
            table.append([address.node, address.host, address.port.map(String.init) ?? "-"])
        }
        return Reply(
            lines: events() + table.lines,
            json: [
                [
                    "nodes": .array(
                        addresses.map {
                            [
                                "name": .string($0.node), "host": .string($0.host),
                                "port": $0.port.map { .int($0) } ?? .null,
                            ]
                        })
                ]
            ])
    }
}
