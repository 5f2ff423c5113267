internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `damage`: the files of a node that is down are not what it wrote.
    func damage(_ node: NodeReference, _ kind: DamageKind) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node)
        let report = try ask(.damage(node: node, kind)) { () throws(LabFailure) in
            try lab.damage(name, kind.damage)
        }
        return Reply(
            lines: report.lines(kind) + ["'restart \(name)' shows what recovery makes of it"]
                + events(),
            json: [
                [
                    "node": .string(name), "file": .string(report.file),
                    "offset": .int(report.offset), "bytes_gone": .int(report.bytesGone),
                ]
            ])
    }
}

extension DamageKind {
    fileprivate var damage: Damage {
        switch self {
        case .torn: .tornTail
        case .wal(let lsn): .walBit(at: lsn)
        case .page(let block, let offset): .pageBit(block: block, offset: offset)
        }
    }
}

extension DamageReport {
    fileprivate func lines(_ kind: DamageKind) -> [String] {
        switch kind {
        case .torn:
            ["the last \(CountText.bytes(bytesGone)) of \(node)'s log are gone:", place + " on"]
        case .wal(let lsn): ["one bit of \(node)'s log at \(lsn) is flipped:", place]
        case .page(let block, _):
            ["one bit of page \(block) of \(node)'s table is flipped:", place]
        }
    }

    private var place: String {
        bytesGone > 0 ? "\(file) from byte \(offset)" : "\(file), byte \(offset)"
    }
}
