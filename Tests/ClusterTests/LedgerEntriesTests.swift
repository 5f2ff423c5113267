import LabClock
import Testing
import WALFormat

@testable import Cluster

/// The ledger's writes as they are kept, against an array of them.
@Suite struct LedgerEntriesTests {
    private static func fates(_ number: Int) -> ClientLedger.Fate {
        switch number % 5 {
        case 0: .pending
        case 1: .failed("reason \(number)")
        case 2: .unchanged
        case 3: .unknown
        default:
            .acknowledged(
                .init(
                    lsn: LSN(UInt64(number) << 20), timeline: Timeline(UInt32(number)),
                    at: LabInstant(nanoseconds: Int64(number) * 7)))
        }
    }

    private static func entry(_ number: Int, _ fate: ClientLedger.Fate) -> ClientLedger.Entry {
        ClientLedger.Entry(
            id: number, node: "r\(number % 300)",
            client: number % 7 == 0 ? "psql \(number % 5)" : nil, key: "key \(number)",
            value: number % 3 == 0 ? nil : String(repeating: "v", count: number % 40),
            askedAt: LabInstant(nanoseconds: Int64(number)), fate: fate,
            together: nil, salvagedBy: nil)
    }

    @Test func `every write comes back as it was asked, with the last that became of it`() {
        var model: [ClientLedger.Entry] = []
        var entries = LedgerEntries()
        for number in 0..<3_000 {
            let asked = Self.entry(number, .pending)
            entries.append(
                node: asked.node, client: asked.client, key: asked.key, value: asked.value,
                askedAt: asked.askedAt)
            model.append(asked)
            // What is learned comes later, and may change.
            let earlier = number / 2
            entries.set(Self.fates(number), of: earlier)
            model[earlier] = Self.entry(earlier, Self.fates(number))
        }
        // Some were done again by a later one.
        for number in stride(from: 0, to: 2_900, by: 7) {
            entries.setSalvager(number + 90, of: number)
            let known = model[number]
            model[number] = ClientLedger.Entry(
                id: known.id, node: known.node, client: known.client, key: known.key,
                value: known.value, askedAt: known.askedAt, fate: known.fate,
                together: number % 2 == 0 ? number - number % 10 : nil, salvagedBy: number + 90)
            if number % 2 == 0 { entries.setLeader(number - number % 10, of: number) }
        }
        #expect(entries.count == model.count)
        #expect(entries.elementsEqual(model))
        #expect(LedgerEntries(model).elementsEqual(model))
        #expect(entries.last == model.last && entries[1_024] == model[1_024])
    }

    @Test func `a write takes 64 bytes`() {
        #expect(LedgerEntries.recordByteCount <= 64)
    }
}
