import LabClock
import TableFormat
import Testing
import WALFormat

@testable import Storage

/// Where rows lie, looked up by keys that stand on the pages alone.
@Suite struct KeyTableTests {
    /// Pages with a version of each key, twice over, and where they lie.
    private struct Rows {
        var pages: [HeapPage] = []
        var places: [[UInt8]: [TupleLocation]] = [:]

        init(_ keyCount: Int) throws {
            for number in 0..<keyCount * 2 {
                let key = Array("key \(number % keyCount)".utf8)
                if pages.isEmpty || pages[pages.count - 1].freeSpace < 100 {
                    pages.append(HeapPage())
                }
                let block = UInt32(pages.count - 1)
                let tuple = try HeapTuple(
                    xmin: TransactionID(3), block: block, key: key, value: [])
                let found = pages[Int(block)].insert(tuple)
                let item = try #require(found)
                places[key, default: []].append(TupleLocation(block: block, item: item))
            }
        }
    }

    @Test(arguments: [1, 12, 13, 300])
    func `it answers as a dictionary would, whatever is put in and taken out`(
        keyCount: Int
    ) throws {
        let rows = try Rows(keyCount)
        let keys = rows.places.keys.sorted { $0.lexicographicallyPrecedes($1) }
        var random = SeededDraws(seed: UInt64(keyCount))
        var table = KeyTable()
        var model: [[UInt8]: TupleLocation] = [:]
        for _ in 0..<2_000 {
            let key = random.pick(keys)
            if random.isOne(in: 2) {
                let place = random.pick(try #require(rows.places[key]))
                let old = table.update(key, to: place, in: rows.pages)
                #expect(old == model.updateValue(place, forKey: key))
            } else {
                #expect(table.remove(key, in: rows.pages) == model.removeValue(forKey: key))
            }
            #expect(table.count == model.count)
            let asked = random.pick(keys)
            #expect(table.location(of: asked, in: rows.pages) == model[asked])
        }
        for key in keys { #expect(table.location(of: key, in: rows.pages) == model[key]) }
        #expect(Set(table.locations) == Set(model.values))
    }

    @Test func `two are equal when they hold the same, however they came to it`() throws {
        let rows = try Rows(50)
        var (one, other) = (KeyTable(), KeyTable())
        for (key, places) in rows.places {
            _ = one.update(key, to: places[0], in: rows.pages)
            _ = one.update(key, to: places[1], in: rows.pages)
        }
        #expect(one != other)
        other.reserveCapacity(5_000)
        for (key, places) in rows.places { _ = other.update(key, to: places[1], in: rows.pages) }
        #expect(one == other)
        let (key, places) = try #require(rows.places.first)
        _ = other.update(key, to: places[0], in: rows.pages)
        #expect(one != other)
    }

    @Test func `a key that stands on no page is not found, and a place that is none is safe`()
        throws
    {
        let rows = try Rows(3)
        var table = KeyTable()
        #expect(table.location(of: [1], in: rows.pages) == nil)
        #expect(table.remove([1], in: rows.pages) == nil)
        let key = Array("key 1".utf8)
        _ = table.update(key, to: TupleLocation(block: 9, item: 7), in: rows.pages)
        #expect(table.location(of: key, in: rows.pages) == nil)
        #expect(table.location(of: key, in: []) == nil)
    }
}
