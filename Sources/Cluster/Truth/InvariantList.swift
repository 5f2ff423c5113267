/// All there are, in the order in which they are shown.
enum Invariants {
    static let all: [any Invariant] = [
        OnePrimaryATimeline(), NoCircle(), EqualLogs(), EqualTables(), PositionsInOrder(),
        BehindUpstream(), ReportsAreTrue(), NothingGoesBack(), CommitsAccountedFor(),
        CostsAsSaid(), SlotsKeepWAL(), WiresAreSane(),
    ]
}
