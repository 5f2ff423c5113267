import LabClock
import Testing
import WALFormat

@testable import Cluster

/// Which lost writes count as salvaged.
struct SalvagedWritesTests {
    /// A ledger of so many writes, all acknowledged but one; each of `links` was done again.
    private func ledger(
        _ count: Int, unanswered: Int? = nil, _ links: [ClientLedger.ID: ClientLedger.ID]
    ) -> ClientLedger {
        var ledger = ClientLedger()
        for number in 0..<count {
            let id = ledger.asked(node: "p", key: "k", value: "\(number)", at: .start)
            ledger.learned(
                id,
                number == unanswered
                    ? .unknown
                    : .acknowledged(
                        .init(lsn: LSN(UInt64(number) + 1), timeline: .first, at: .start)))
        }
        for (id, later) in links { ledger.salvaged(id, by: later) }
        return ledger
    }

    private func salvaged(
        _ ledger: ClientLedger, lost: [ClientLedger.ID], ghosts: Set<ClientLedger.ID> = []
    ) -> Set<ClientLedger.ID> {
        ledger.salvaged(among: lost.map { ledger.entries[$0] }, ghosts: ghosts)
    }

    @Test func `a write is salvaged by one that is not lost`() {
        #expect(salvaged(ledger(3, [0: 2]), lost: [0, 1]) == [0])
    }

    @Test func `a write is as lost as the one that did it again`() {
        #expect(salvaged(ledger(3, [0: 2]), lost: [0, 2]) == [])
    }

    @Test func `what did it again may itself have been done again`() {
        #expect(salvaged(ledger(4, [0: 1, 1: 3]), lost: [0, 1]) == [0, 1])
        #expect(salvaged(ledger(4, [0: 1, 1: 3]), lost: [0, 1, 3]) == [])
    }

    @Test func `a write whose OK never came salvages when it is there`() {
        #expect(salvaged(ledger(3, unanswered: 2, [0: 2]), lost: [0]) == [])
        #expect(salvaged(ledger(3, unanswered: 2, [0: 2]), lost: [0], ghosts: [2]) == [0])
    }

    @Test func `the last attempt counts, and one that is not in the ledger does not`() {
        var ledger = ledger(4, [0: 2])
        ledger.salvaged(0, by: 3)
        #expect(salvaged(ledger, lost: [0, 2]) == [0])
        ledger.salvaged(0, by: 9)
        #expect(salvaged(ledger, lost: [0, 2]) == [])
    }
}
