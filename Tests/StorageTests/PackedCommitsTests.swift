import Testing
import WALFormat

@testable import Storage

/// Transactions in few bytes are the same transactions.
struct PackedCommitsTests {
    private static let changes: [[WALOnDisk.Change]] = [
        [],
        [.init(key: "", value: nil)],
        [.init(key: "a", value: ""), .init(key: "b", value: nil), .init(key: "", value: "é\u{0}")],
        [
            .init(
                key: String(repeating: "k", count: 300), value: String(repeating: "v", count: 9_000)
            )
        ],
    ]
    private static let numbers: [UInt32] = [0, 3, 127, 128, 16_384, .max, 4]

    /// Numbers go up and down, from one end to the other.
    private static let transactions: [WALOnDisk.Transaction] = numbers.indices.flatMap { place in
        changes.enumerated().map { offset, changes in
            let number = numbers[place]
            return WALOnDisk.Transaction(
                xid: TransactionID(number), commitStart: LSN(UInt64(number) << 32 | 0x28),
                commitEnd: LSN(UInt64(number) << 32 | 0x28).advanced(by: 46 + offset),
                time: PostgresTime(microseconds: [.min, -1, 0, .max][offset]),
                timeline: Timeline(numbers[numbers.count - 1 - place]), changes: changes,
                isComplete: (place + offset) % 2 == 0)
        }
    }

    @Test func `they come back as they were, in their order`() {
        var packed = PackedCommits()
        #expect(packed.isEmpty)
        #expect(packed.transactions.isEmpty)
        for (count, transaction) in Self.transactions.enumerated() {
            packed.append(transaction)
            #expect(packed.transactions == Array(Self.transactions.prefix(count + 1)))
        }
    }

    @Test func `equal ones are equal, and one that differs is not`() {
        func pack(_ transactions: [WALOnDisk.Transaction]) -> PackedCommits {
            transactions.reduce(into: PackedCommits()) { $0.append($1) }
        }
        let all = Set(Self.transactions.indices.map { pack([Self.transactions[$0]]) })
        #expect(all.count == Self.transactions.count)
        #expect(pack(Self.transactions) == pack(Self.transactions))
        #expect(pack(Self.transactions) != pack(Self.transactions.reversed()))
    }
}
