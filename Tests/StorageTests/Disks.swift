import Synchronization

@testable import Storage

/// Gathers disks, from whatever thread.
final class Disks: Sendable {
    private let disks = Mutex<[MemoryDisk]>([])

    func append(_ disk: MemoryDisk) { disks.withLock { $0.append(disk) } }
    var all: [MemoryDisk] { disks.withLock { $0 } }
}

/// Gathers edges, from whatever thread.
final class Edges: Sendable {
    private let edges = Mutex<[DiskEdge]>([])

    func append(_ edge: DiskEdge) { edges.withLock { $0.append(edge) } }
    var all: [DiskEdge] { edges.withLock { $0 } }
}
