internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `slot create`: from now on the node keeps WAL for whoever will use the slot.
    func slotCreate(_ name: String, _ node: NodeReference?) throws(Failure) -> Reply {
        let target = look().name(node ?? .primary)
        try ask(.slotCreate(name: name, node: node)) { () throws(LabFailure) in
            try lab.createSlot(name, on: target)
        }
        let from = slot(name, on: target)?.restart.map { " from \($0) on" } ?? ""
        return Reply(
            lines: ["slot \(name): \(target) keeps its WAL\(from) for whoever uses it"]
                + unused(name, on: target) + events(),
            json: [slotJSON(name, on: target)])
    }

    /// `slot drop`: the promise is off.
    func slotDrop(_ name: String, _ node: NodeReference?) throws(Failure) -> Reply {
        let target = look().name(node ?? .primary)
        try ask(.slotDrop(name: name, node: node)) { () throws(LabFailure) in
            try lab.dropSlot(name, on: target)
        }
        return Reply(
            lines: ["slot \(name) is gone; \(target) keeps no WAL for it any more"] + events(),
            json: [["slot": .string(name), "node": .string(target), "dropped": true]])
    }

    /// `slot use`: a replica streams with a slot of its upstream's, or without one.
    func slotUse(_ name: String?, _ node: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        try ask(.slotUse(name: name, node: node)) { () throws(LabFailure) in
            try lab.useSlot(name, on: replica)
        }
        let upstream = before.upstream(of: replica)
        let now = look()
        let isCut = now.snapshot[replica]?.link?.isCut ?? false
        let sentence =
            name.map { "\(replica) uses slot \($0) of \(upstream)" }
            ?? "\(replica) uses no slot any more"
        return Reply(
            lines: [sentence + (isCut ? ", as soon as it can connect" : "")]
                + consequences(since: before) { $0.isAboutReceiving(on: replica) },
            json: [
                [
                    "replica": .string(replica), "upstream": .string(upstream),
                    "slot": .optional(name),
                ]
            ])
    }

    private func slot(_ name: String, on node: String) -> SlotView? {
        lab.retention().first { $0.node == node }?.slots.first { $0.name == name }
    }

    /// Nobody uses it before a replica is told to.
    private func unused(_ name: String, on node: String) -> [String] {
        let followers = look().followersShown.filter { $0.role == .standby(upstream: node) }
        guard !followers.contains(where: { $0.slot == name }) else { return [] }
        let follower = followers.first { $0.name == name } ?? followers.first
        return follower.map { ["nobody uses it yet: slot use \(name) \($0.name)"] } ?? []
    }

    private func slotJSON(_ name: String, on node: String) -> JSONValue {
        [
            "slot": .string(name), "node": .string(node),
            "restart_lsn": .optional(slot(name, on: node)?.restart?.description),
        ]
    }
}
