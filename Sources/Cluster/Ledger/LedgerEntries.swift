internal import LabClock
internal import WALFormat

/// The ledger's writes in the order of asking, kept small: 64 bytes each beside long texts, in
/// blocks that never move, where an array of entries would take twice that and as much again
/// whenever it grows. A lab of a million commits keeps them all.
package struct LedgerEntries: RandomAccessCollection, Sendable {
    private static let blockCount = 1024

    private enum Kind: UInt8 {
        case pending
        case acknowledged
        case zombie
        case failed
        case unchanged
        case unknown
    }

    /// A node, and the outside program that wrote there; nil: the lab's own client.
    private struct Route: Hashable {
        let node: String
        let client: String?
    }

    /// One write. What it was told is only there if it was acknowledged.
    private struct Record: Sendable {
        let key: String
        let value: String?
        let askedAt: LabInstant
        var lsn = LSN.invalid
        var toldAt = LabInstant.start
        var timeline: UInt32 = 0
        let route: UInt16
        var kind = Kind.pending
    }

    static var recordByteCount: Int { MemoryLayout<Record>.stride }

    private var blocks: [[Record]] = []
    package private(set) var count = 0
    /// Who asked whom: few, so that a write needs only the number.
    private var routes: [Route] = []
    private var routeNumbers: [Route: UInt16] = [:]
    /// Why each of those that failed did.
    private var reasons: [ClientLedger.ID: String] = [:]
    /// The first write of each one's transaction, of those that share the fate of others and were
    /// not acknowledged.
    private var leaders: [ClientLedger.ID: ClientLedger.ID] = [:]
    /// Which write did each of those again that were.
    private var salvagers: [ClientLedger.ID: ClientLedger.ID] = [:]

    /// None.
    init() {}

    init(_ entries: [ClientLedger.Entry]) {
        for entry in entries {
            append(
                node: entry.node, client: entry.client, key: entry.key, value: entry.value,
                askedAt: entry.askedAt)
            set(entry.fate, of: entry.id)
            leaders[entry.id] = entry.together
            salvagers[entry.id] = entry.salvagedBy
        }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(id: ClientLedger.ID) -> ClientLedger.Entry {
        let record = self[record: id]
        let route = routes[Int(record.route)]
        return ClientLedger.Entry(
            id: id, node: route.node, client: route.client, key: record.key, value: record.value,
            askedAt: record.askedAt, fate: fate(of: id),
            together: leaders[id], salvagedBy: salvagers[id])
    }

    /// What the client of a write knows.
    func fate(of id: ClientLedger.ID) -> ClientLedger.Fate {
        let record = self[record: id]
        return switch record.kind {
        case .pending: .pending
        case .unchanged: .unchanged
        case .unknown: .unknown
        case .failed: .failed(reasons[id] ?? "")
        case .acknowledged, .zombie:
            .acknowledged(
                .init(
                    lsn: record.lsn, timeline: Timeline(record.timeline), at: record.toldAt,
                    isZombie: record.kind == .zombie))
        }
    }

    mutating func append(
        node: String, client: String?, key: String, value: String?, askedAt: LabInstant
    ) {
        let route = number(of: Route(node: node, client: client))
        let record = Record(key: key, value: value, askedAt: askedAt, route: route)
        if count == blocks.count * Self.blockCount { blocks.append([]) }
        blocks[blocks.count - 1].append(record)
        count += 1
    }

    mutating func set(_ fate: ClientLedger.Fate, of id: ClientLedger.ID) {
        reasons[id] = nil
        switch fate {
        case .pending: self[record: id].kind = .pending
        case .unchanged: self[record: id].kind = .unchanged
        case .unknown: self[record: id].kind = .unknown
        case .failed(let reason):
            self[record: id].kind = .failed
            reasons[id] = reason
        case .acknowledged(let told):
            self[record: id].kind = told.isZombie ? .zombie : .acknowledged
            self[record: id].lsn = told.lsn
            self[record: id].timeline = told.timeline.rawValue
            self[record: id].toldAt = told.at
        }
    }

    mutating func setLeader(_ first: ClientLedger.ID, of id: ClientLedger.ID) {
        leaders[id] = first
    }

    mutating func setSalvager(_ later: ClientLedger.ID, of id: ClientLedger.ID) {
        salvagers[id] = later
    }

    private subscript(record id: ClientLedger.ID) -> Record {
        get { blocks[id / Self.blockCount][id % Self.blockCount] }
        _modify { yield &blocks[id / Self.blockCount][id % Self.blockCount] }
    }

    /// A lab has a few hundred nodes at most, and programs have few names. Should some program
    /// give itself ever new ones, the last number stands for all that come late.
    private mutating func number(of route: Route) -> UInt16 {
        if let known = routeNumbers[route] { return known }
        guard routes.count < Int(UInt16.max) - Self.reservedRoutes || route.client == nil else {
            return lateNumber(of: route.node)
        }
        let number = UInt16(routes.count)
        routes.append(route)
        routeNumbers[route] = number
        return number
    }

    private mutating func lateNumber(of node: String) -> UInt16 {
        let route = Route(node: node, client: Self.manyNames)
        if let known = routeNumbers[route] { return known }
        routes.append(route)
        routeNumbers[route] = UInt16(routes.count - 1)
        return UInt16(routes.count - 1)
    }

    /// Of the numbers so many are kept for the nodes themselves.
    private static let reservedRoutes = 1024
    private static let manyNames = "(other)"
}
