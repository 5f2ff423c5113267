import WireProtocol

extension Relation {
    /// The lab's table, as the transaction at hand sees it.
    static func keyValueTable(as alias: String) -> Relation {
        Relation(
            alias: alias, columns: [("key", .text), ("value", .text)],
            rows: { context, key in
                let (host, reader) = (context.host, context.reader)
                guard let key else {
                    return host.rows(as: reader).map { [.text($0.key), .text($0.value)] }
                }
                return host.value(of: key, as: reader).map { [[.text(key), .text($0)]] } ?? []
            },
            count: { context in
                context.reader == SQLReader() ? context.host.keyCount : nil
            })
    }

    /// The table or view that a statement names.
    init(_ relation: SQLRelation) {
        self =
            switch relation.name {
            case .kv: .keyValueTable(as: relation.alias)
            case .statReplication: .statReplication(as: relation.alias)
            case .statWALReceiver: .statWALReceiver(as: relation.alias)
            case .replicationSlots: .replicationSlots(as: relation.alias)
            }
    }
}
