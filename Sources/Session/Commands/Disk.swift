internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `disk`: a node's disk fails from now on, or works again.
    func disk(_ node: NodeReference, _ condition: DiskCondition) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node)
        try ask(.disk(node: node, condition)) { () throws(LabFailure) in
            try lab.setDiskFault(condition.fault, on: name)
        }
        memory.note(condition, on: name)
        let rest = condition == .ok ? consequences(since: before) : events()
        return Reply(
            lines: [sentence(condition, name)] + rest,
            json: [["node": .string(name), "disk": .string(condition.word)]])
    }

    private func sentence(_ condition: DiskCondition, _ name: String) -> String {
        switch condition {
        case .full: return "\(name)'s disk is full: no file can grow until 'disk \(name) ok'"
        case .room(let megabytes):
            return "\(name)'s disk has room for \(megabytes) MB more"
        case .eio: return "\(name)'s next fsync will fail"
        case .ok:
            guard case .failed = look().snapshot[name]?.state else {
                return "\(name)'s disk works"
            }
            return "\(name)'s disk works again, but nobody knows what it holds: restart \(name)"
        }
    }
}

extension DiskCondition {
    /// As it is typed.
    fileprivate var word: String {
        switch self {
        case .full: "full"
        case .room(let megabytes): "room \(megabytes)"
        case .eio: "eio"
        case .ok: "ok"
        }
    }

    fileprivate var fault: DiskFault {
        switch self {
        case .full: .full
        case .room(let megabytes): .room(byteCount: megabytes << 20)
        case .eio: .syncError
        case .ok: .none
        }
    }
}
