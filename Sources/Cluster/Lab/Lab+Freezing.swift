import DatabaseNode
import Network

// A node whose process was stopped where it stands (SIGSTOP). Its kernel goes on: it takes
// connections and bytes and acknowledges them; its peers notice by their time-outs alone.
extension Lab {
    /// Stops a node's process.
    package func freeze(_ node: String) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard known.process != nil else { throw .isDown(node, known.state) }
            guard !known.isFrozen else { throw .isFrozen(node) }
            cluster.noteSilence(of: node)
            known.freeze()
            cluster.alignLinks()
        }
        settle()
    }

    /// Lets it run again: it finds what has come, and then what is due.
    package func thaw(_ node: String) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard known.process != nil else { throw .isDown(node, known.state) }
            guard known.isFrozen else { throw .isNotFrozen(node) }
            cluster.watchFailovers { $0.returned(node) }
            known.thaw()
            cluster.alignLinks()
        }
        settle()
    }
}

extension Cluster {
    /// Tells every link which of its ends do not run.
    func alignLinks() {
        let frozen = Set(nodes.filter(\.isFrozen).map(\.name))
        for node in nodes {
            node.clientLink.align(.target, isFrozen: node.isFrozen)
            monitor.align(node)
            fleet.align(node.name, isFrozen: node.isFrozen)
        }
        for member in members {
            guard let link = member.link, let upstream = member.upstream else { continue }
            link.align(.dialler, isFrozen: frozen.contains(member.name))
            link.align(.target, isFrozen: frozen.contains(upstream))
        }
    }

    /// A node's process is gone, and what its kernel kept for it: nobody is frozen there any more.
    func forgetArrivals(at name: String) {
        guard let node = try? node(name) else { return }
        node.clientLink.thaw(.target, isGone: true)
        monitor.align(node, isGone: true)
        fleet.align(name, isFrozen: false, isGone: true)
        for member in members {
            if member.name == name { member.link?.thaw(.dialler, isGone: true) }
            if member.upstream == name { member.link?.thaw(.target, isGone: true) }
        }
    }
}

extension Link {
    fileprivate func align(_ end: End, isFrozen: Bool) {
        if isFrozen { freeze(end) } else { thaw(end) }
    }
}
