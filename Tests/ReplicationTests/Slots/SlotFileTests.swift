import Replication
import Testing
import WALFormat

/// `pg_replslot/NAME/state`, against two files that PostgreSQL 15.20 wrote.
struct SlotFileTests {
    private static func file(_ checksum: [UInt8], _ name: String, at: Int = 0, _ position: [UInt8])
        -> [UInt8]
    {
        var file: [UInt8] = [0xA1, 0x1C, 0x05, 0x01] + checksum + [2, 0, 0, 0, 0xB8, 0, 0, 0]
        file += name.utf8
        file += [UInt8](repeating: 0, count: 200 - file.count)
        file.replaceSubrange(at..<at + position.count, with: position)
        return file
    }

    /// A slot that was just created, without RESERVE_WAL.
    private let fresh = file([0x6C, 0x99, 0xB4, 0xD3], "s1", [])
    /// One that was invalidated at 0/C05610.
    private let lost = file(
        [0xCF, 0xA5, 0xE1, 0x7D], "s2", at: 104, [0x10, 0x56, 0xC0, 0, 0, 0, 0, 0])

    @Test func `PostgreSQL's files are read and written to the byte`() throws {
        let first = try ReplicationSlot(decoding: fresh)
        #expect(first == ReplicationSlot(name: "s1"))
        #expect(first.encoded() == fresh)
        #expect(first.path == "pg_replslot/s1/state")
        let second = try ReplicationSlot(decoding: lost)
        #expect(second == ReplicationSlot(name: "s2", invalidatedAt: LSN(0xC0_5610)))
        #expect(second.isInvalidated)
        #expect(second.encoded() == lost)
    }

    @Test func `whatever a slot knows comes back, whether it is in use or not`() throws {
        var table = SlotTable()
        let name = String(repeating: "z", count: 63)
        _ = table.perform(
            .create(name: name, isTemporary: false, reservesWAL: true), by: 1, redo: LSN(0x123))
        _ = table.perform(.acquire(name: name), by: 1, redo: .invalid)
        _ = table.confirm(name, flushed: LSN(.max), by: 1)
        let slot = try #require(table[name])
        let back = try ReplicationSlot(decoding: slot.encoded())
        #expect(back == ReplicationSlot(name: name, restartLSN: LSN(.max)))
        #expect(back.owner == nil)
    }

    @Test func `no flipped bit goes unnoticed`() {
        for offset in 0..<200 * 8 where !(32..<64).contains(offset) {
            var damaged = lost
            damaged[offset / 8] ^= 1 << (offset % 8)
            #expect(throws: SlotFileError.self) { try ReplicationSlot(decoding: damaged) }
        }
    }

    @Test func `each damage has its name`() {
        func error(_ change: (inout [UInt8]) -> Void) -> SlotFileError? {
            var file = fresh
            change(&file)
            do throws(SlotFileError) {
                _ = try ReplicationSlot(decoding: file)
                return nil
            } catch {
                return error
            }
        }
        #expect(error { $0.removeLast() } == .byteCount(199))
        #expect(error { $0 = [] } == .byteCount(0))
        #expect(error { $0.append(0) } == .byteCount(201))
        #expect(error { $0[0] = 0 } == .magic(0x0105_1C00))
        #expect(error { $0[8] = 5 } == .version(5))
        #expect(error { $0[12] = 0 } == .length(0))
        #expect(
            error { $0[4] = 0 } == .checksum(stored: 0xD3B4_9900, computed: 0xD3B4_996C))
    }

    @Test func `slots that are no physical ones, or no persistent ones, are not taken`() {
        func error(_ offset: Int, _ byte: UInt8) -> SlotFileError? {
            var file = fresh
            file[offset] = byte
            let checksum = CRC32C.checksum(of: Array(file[8...]))
            withUnsafeBytes(of: checksum.littleEndian) { file.replaceSubrange(4..<8, with: $0) }
            do throws(SlotFileError) {
                _ = try ReplicationSlot(decoding: file)
                return nil
            } catch {
                return error
            }
        }
        #expect(error(80, 5) == .logical(database: 5))
        #expect(error(84, 2) == .notPersistent)
        #expect(error(16, UInt8(ascii: "S")) == .name(Array("S1".utf8)))
        #expect(error(16, 0) == .name([]))
        #expect(error(129, 1) == nil)
    }
}
