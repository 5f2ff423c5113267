internal import TableFormat

/// From each key to where its row lies: a hash table that holds no key, for each stands on its page
/// already. A million rows take some 20 bytes each.
///
/// - The pages are given with every question; a row that is in the table lies where it says.
/// - Open addressing with linear probing: from where a key's hash points on, up to the next empty
///   slot, lies every key of that hash. So whoever is taken out is made up for by those behind.
struct KeyTable: Sendable {
    private struct Slot: Hashable {
        static let empty = Slot(hash: 0, block: 0, item: 0)

        var hash: UInt32
        var block: UInt32
        /// From 1; 0: the slot is empty.
        var item: UInt16

        var isEmpty: Bool { item == 0 }
        var location: TupleLocation { TupleLocation(block: block, item: Int(item)) }
    }

    /// How many rows are in it.
    private(set) var count = 0
    /// A power of two of them, at most three quarters full.
    private var slots: [Slot] = []

    init() {}

    /// Where the row of a key lies.
    func location(of key: [UInt8], in pages: [HeapPage]) -> TupleLocation? {
        slot(of: key, Self.hash(key), pages).map { slots[$0].location }
    }

    /// The row of a key lies elsewhere now. Answers where it lay; nil: there was none.
    mutating func update(
        _ key: [UInt8], to location: TupleLocation, in pages: [HeapPage]
    ) -> TupleLocation? {
        let hash = Self.hash(key)
        let place = slot(of: key, hash, pages)
        let new = Slot(hash: hash, block: location.block, item: UInt16(location.item))
        guard let place else {
            add(new)
            return nil
        }
        defer { slots[place] = new }
        return slots[place].location
    }

    /// There is no row of a key any more. Answers where it lay; nil: there was none.
    mutating func remove(_ key: [UInt8], in pages: [HeapPage]) -> TupleLocation? {
        guard let place = slot(of: key, Self.hash(key), pages) else { return nil }
        let old = slots[place].location
        empty(place)
        return old
    }

    /// Makes room for so many rows at once: growing step by step would move them all many times.
    mutating func reserveCapacity(_ rowCount: Int) {
        var slotCount = max(slots.count, 16)
        while rowCount > slotCount / 4 * 3 { slotCount *= 2 }
        if slotCount > slots.count { resize(to: slotCount) }
    }

    /// Where all the rows lie, in no order that means anything.
    var locations: some Sequence<TupleLocation> {
        slots.lazy.filter { !$0.isEmpty }.map(\.location)
    }

    private mutating func add(_ slot: Slot) {
        reserveCapacity(count + 1)
        place(slot)
        count += 1
    }

    private mutating func place(_ slot: Slot) {
        var place = home(of: slot)
        while !slots[place].isEmpty { place = next(place) }
        slots[place] = slot
    }

    private mutating func resize(to slotCount: Int) {
        let old = slots
        slots = Array(repeating: .empty, count: slotCount)
        for slot in old where !slot.isEmpty { place(slot) }
    }

    /// Empties a slot, and moves up who would not be found behind an empty one.
    private mutating func empty(_ place: Int) {
        var hole = place
        var other = next(hole)
        while !slots[other].isEmpty {
            let distance = (other - home(of: slots[other])) & (slots.count - 1)
            if distance >= (other - hole) & (slots.count - 1) {
                slots[hole] = slots[other]
                hole = other
            }
            other = next(other)
        }
        slots[hole] = .empty
        count -= 1
    }

    private func slot(of key: [UInt8], _ hash: UInt32, _ pages: [HeapPage]) -> Int? {
        guard !slots.isEmpty else { return nil }
        var place = Int(hash) & (slots.count - 1)
        while !slots[place].isEmpty {
            if slots[place].hash == hash, pages.has(key, at: slots[place].location) {
                return place
            }
            place = next(place)
        }
        return nil
    }

    private func home(of slot: Slot) -> Int { Int(slot.hash) & (slots.count - 1) }

    private func next(_ place: Int) -> Int { (place + 1) & (slots.count - 1) }

    /// Other in each process, so that nobody can choose keys that lie in one another's way.
    private static func hash(_ key: [UInt8]) -> UInt32 {
        var hasher = Hasher()
        key.withUnsafeBytes { hasher.combine(bytes: $0) }
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}

extension KeyTable: Equatable {
    /// Whether both say that the same rows lie in the same places.
    static func == (left: KeyTable, right: KeyTable) -> Bool {
        left.count == right.count
            && Set(left.slots.lazy.filter { !$0.isEmpty })
                == Set(right.slots.lazy.filter { !$0.isEmpty })
    }
}

extension [HeapPage] {
    /// The key of the row that lies somewhere; nil when none lies there.
    func key(at location: TupleLocation) -> [UInt8]? {
        guard Int(location.block) < count else { return nil }
        let page = self[Int(location.block)]
        return page.layout(at: location.item).map { [UInt8](page.bytes[$0.key]) }
    }

    fileprivate func has(_ key: [UInt8], at location: TupleLocation) -> Bool {
        guard Int(location.block) < count else { return false }
        let page = self[Int(location.block)]
        guard let place = page.layout(at: location.item)?.key, place.count == key.count
        else { return false }
        return page.bytes[place].elementsEqual(key)
    }
}
