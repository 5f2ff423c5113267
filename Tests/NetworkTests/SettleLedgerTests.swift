import Testing

@testable import Network

/// The ledger's books, entry by entry, in every order in which a kernel may tell of two ends.
struct SettleLedgerTests {
    private let pair = PortPair(listener: 5432, dialer: 40_000)

    @Test func `a connect moves until it has met its accept`() {
        let ledger = SettleLedger()
        ledger.dialBegins(to: 5432)
        _ = ledger.attach(.dialer, of: pair, expectsAccept: true)
        ledger.dialEnds(to: 5432)
        #expect(ledger.moving == 1)
        _ = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        #expect(ledger.moving == 0)
    }

    @Test func `an accept that closes before the dialer has heard of it leaves one close to see`() {
        let ledger = SettleLedger()
        ledger.dialBegins(to: 5432)
        let account = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        ledger.change(account) { $0.closed(.acceptor, byReset: false) }
        let same = ledger.attach(.dialer, of: pair, expectsAccept: true)
        ledger.dialEnds(to: 5432)
        #expect(same === account)
        #expect(ledger.moving == 1)
        ledger.change(same) { $0.closed(.dialer, byReset: false) }
        #expect(ledger.moving == 0)
    }

    @Test func `an outside program's closed connection is forgotten, and its ports may come back`()
    {
        let ledger = SettleLedger()
        let account = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        ledger.change(account) { $0.closed(.acceptor, byReset: false) }
        ledger.dialBegins(to: 5432)
        let next = ledger.attach(.dialer, of: pair, expectsAccept: true)
        ledger.dialEnds(to: 5432)
        #expect(next !== account)
        #expect(ledger.moving == 1)
    }

    @Test func `an outside program is one whose other end never comes`() {
        let ledger = SettleLedger()
        let account = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        #expect(ledger.outsiderCount == 1)
        ledger.change(account) { $0.closed(.acceptor, byReset: false) }
        #expect(ledger.outsiderCount == 0)
        let own = ledger.attach(.dialer, of: pair, expectsAccept: true)
        _ = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        #expect(ledger.outsiderCount == 0)
        ledger.change(own) { $0.closed(.dialer, byReset: false) }
        ledger.change(own) { $0.closed(.acceptor, byReset: false) }
        #expect(ledger.outsiderCount == 0)
    }

    @Test func `bytes towards an end that has closed are not counted`() {
        let ledger = SettleLedger()
        let account = ledger.attach(.dialer, of: pair, expectsAccept: true)
        _ = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        ledger.change(account) { $0.wrote(10, from: .dialer) }
        #expect(ledger.moving == 10)
        ledger.change(account) { $0.closed(.acceptor, byReset: false) }
        ledger.change(account) { $0.wrote(10, from: .dialer) }
        #expect(ledger.moving == 1)
        ledger.change(account) { $0.closed(.dialer, byReset: false) }
        #expect(ledger.moving == 0)
    }

    @Test func `what waits for a paused end is not moving until it reads again`() {
        let ledger = SettleLedger()
        let account = ledger.attach(.dialer, of: pair, expectsAccept: true)
        _ = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        ledger.change(account) { $0.paused(true, at: .acceptor) }
        ledger.change(account) { $0.wrote(10, from: .dialer) }
        #expect(ledger.moving == 0)
        ledger.change(account) { $0.paused(false, at: .acceptor) }
        #expect(ledger.moving == 10)
    }

    @Test func `an accept that nobody of the lab dials for is an outside program's at once`() {
        let ledger = SettleLedger()
        var answers: [Bool] = []
        ledger.dialBegins(to: 5433)
        let account = ledger.attach(.acceptor, of: pair, expectsAccept: false)
        ledger.whenKnown(account) { answers.append($0) }
        #expect(answers == [false])
    }

    @Test func `of accepts during a dial the dialer's own is told from the others when it ends`() {
        let ledger = SettleLedger()
        var answers: [String] = []
        let others = [40_001, 40_002].map { PortPair(listener: 5432, dialer: $0) }
        ledger.dialBegins(to: 5432)
        ledger.dialBegins(to: 5432)
        for (name, pair) in [("first", others[0]), ("own", pair), ("second", others[1])] {
            let account = ledger.attach(.acceptor, of: pair, expectsAccept: false)
            ledger.whenKnown(account) { answers.append("\(name) \($0)") }
        }
        #expect(answers == [])
        _ = ledger.attach(.dialer, of: pair, expectsAccept: true)
        ledger.dialEnds(to: 5432)
        #expect(answers == ["own true"])
        ledger.dialEnds(to: 5432)
        #expect(answers == ["own true", "first false", "second false"])
        #expect(ledger.moving == 0)
    }

    @Test func `a listener that closes lets go of the connects in its backlog`() {
        let ledger = SettleLedger()
        _ = ledger.attach(.dialer, of: pair, expectsAccept: true)
        ledger.listenerClosed(port: 5432)
        #expect(ledger.moving == 0)
    }
}
