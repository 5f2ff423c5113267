import DatabaseNode
import Network
import Storage

// Descriptors, sockets and files, are shared out when a lab starts: first its own, all of them, so
// that whatever outside programs do there is one when a replica connects or a segment is begun;
// what is left is for outside programs.
extension Lab {
    /// Standard streams, the loop, the lab's directory; and for one at a time: a base backup with
    /// its files, a real PostgreSQL's pipes, a script, a search through all of a node's log.
    private static let commonDescriptorCount = 32
    /// Two listeners and a link's, the four ends of a stream and of a client's way to the node, its
    /// directory, lock, log and table.
    private static let descriptorCountPerNode = 17

    /// What a lab of so many nodes needs for itself.
    static func descriptorCount(nodes: Int) -> Int {
        commonDescriptorCount + descriptorCountPerNode * nodes
    }

    /// Raises the limit as far as the system lets it. Throws if that is not enough for the lab, or
    /// gives back how many connections each node has room for.
    static func outsideRoom(nodes: Int) throws(LabFailure) -> OutsideRoom {
        let limit = DescriptorLimit.raised()
        let needed = descriptorCount(nodes: nodes)
        guard limit >= needed else { throw .tooFewDescriptors(limit: limit, needed: needed) }
        return OutsideRoom(descriptors: (limit - needed) / nodes)
    }
}

// Threads are made when they are needed: the loop's, one for each disk that makes somebody wait,
// and for one at a time a base backup's, a real PostgreSQL's, and those that libraries make.
extension Lab {
    private static let commonThreadCount = 8

    /// Throws if the system gives too few for a lab of so many nodes.
    static func checkThreads(nodes: Int, on disks: LabOptions.Disks) throws(LabFailure) {
        let needed =
            switch disks {
            case .files, .memory: commonThreadCount + nodes
            case .lastingMemory: commonThreadCount
            }
        guard WorkThread.canMake(needed) else { throw .tooFewThreads(needed: needed) }
    }
}
