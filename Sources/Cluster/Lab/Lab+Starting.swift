import DatabaseNode
import Dispatch
import LabClock
import Network
import Replication
import Storage
import WALFormat

// Starting: directories made or opened, then nodes, the primaries first.
extension Lab {
    /// Makes the primary's directory, and the replicas' as copies of it.
    static func create(
        _ names: [String], in storages: [String: NodeStorage], seed: UInt64,
        postgresIn origin: String?
    ) throws(LabFailure) {
        var source: (any FileSystem)?
        for name in names {
            guard let target = storages[name]?.fileSystem else { continue }
            if source == nil, let origin {
                try adoptCluster(
                    at: origin + "/" + clusterName, scratch: origin, on: target)
                source = target
                continue
            }
            do throws(OpenFailure) {
                if let source {
                    try Initialization.cloneCold(from: source, to: target)
                } else {
                    try Initialization.create(
                        on: target,
                        Initialization.Parameters(
                            systemIdentifier: systemIdentifier(seed: seed), time: LabTime.start))
                    source = target
                }
            } catch {
                throw .cannotOpen(node: name, error)
            }
        }
    }

    /// A cluster's number from a seed: seeds next to each other give numbers far apart.
    private static func systemIdentifier(seed: UInt64) -> UInt64 {
        var draws = SeededDraws(seed: seed)
        return draws.next()
    }

    /// Opens the nodes' directories side by side: each is recovered from its own files alone. Of
    /// those that leave no lab, the first is named.
    static func open(
        _ names: [String], _ open: @Sendable (String) throws(LabFailure) -> OpenedNode
    ) throws(LabFailure) -> [OpenedNode] {
        var found = [Result<OpenedNode, LabFailure>?](repeating: nil, count: names.count)
        found.withUnsafeMutableBufferPointer { buffer in
            // Each of them writes a place of its own, and the call returns behind the last.
            nonisolated(unsafe) let places = buffer
            DispatchQueue.concurrentPerform(iterations: names.count) { index in
                places[index] = Result { () throws(LabFailure) in try open(names[index]) }
            }
        }
        var nodes: [OpenedNode] = []
        for (name, result) in zip(names, found) {
            guard let result else { preconditionFailure("\(name) was not opened") }
            nodes.append(try result.get())
        }
        return nodes
    }

    /// One node's damage leaves a lab that can go on; that of all of them leaves none.
    static func checkAnyIsUsable(_ nodes: [OpenedNode]) throws(LabFailure) {
        guard let first = nodes.first(where: { $0.damage != nil }), let reason = first.damage,
            !nodes.contains(where: { $0.damage == nil })
        else { return }
        throw .cannotOpen(node: first.name, reason)
    }

    /// Starts the primaries before those who connect to them.
    func start(_ opened: [OpenedNode]) throws(LabFailure) {
        let note = directory.note
        let storages = storages
        let nodes = opened
        try onLoop { cluster throws(LabFailure) in
            for node in nodes {
                guard let storage = storages[node.name] else { continue }
                let upstream = note.upstreams[node.name] ?? node.incompleteBackupOf ?? "p"
                do throws(ListenFailure) {
                    try cluster.addNode(
                        node.name, storage: storage, upstream: upstream,
                        seen: node.seen)
                } catch {
                    throw .cannotListen(node: node.name, reason: error.description)
                }
                try cluster.node(node.name).slotName = note.slots[node.name]
                try cluster.node(node.name).remember(
                    sent: note.logReach.sent[node.name] ?? [:],
                    received: note.logReach.received[node.name] ?? ReachedLog())
                try cluster.node(node.name).region = note.regions[node.name]
                try cluster.node(node.name).costs = note.costs[node.name] ?? .none
                if !node.isPrimary {
                    try cluster.setFaults(note.faults[node.name] ?? [:], of: node.name)
                }
            }
            let upstreams = Dictionary(
                uniqueKeysWithValues: nodes.filter { !$0.isPrimary }
                    .map { ($0.name, note.upstreams[$0.name] ?? $0.incompleteBackupOf ?? "p") })
            let byDepth = nodes.sorted {
                upstreams.depth(of: $0.name) < upstreams.depth(of: $1.name)
            }
            for node in byDepth {
                if let opened = node.directory { try cluster.start(node.name, opened) }
            }
            if let newest = cluster.timelines.forks.byTimeline.keys.max() {
                cluster.ledger.promoted(to: newest)
            }
        }
        settle()
        // That replicas stream is what a start is for; anything else is news.
        onLoop { cluster in
            cluster.keepEvents { event in
                if case .node(.receiver(.streaming)) = event.kind { false } else { true }
            }
            for node in nodes {
                if let report = node.directory?.recovered.report, node.hadCrashed {
                    cluster.tell(of: node.name, report)
                }
                if let source = node.incompleteBackupOf {
                    cluster.tell(of: node.name, .foundIncomplete(source: source), at: .invalid)
                }
                if let damage = node.damage { cluster.tell(of: node.name, damage) }
                if node.hadCrashed, let end = node.directory?.recovered.report.end {
                    cluster.tellIfShort(node.name, end)
                }
            }
        }
    }
}
