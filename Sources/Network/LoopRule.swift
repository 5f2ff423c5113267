/// "Touched on the lab's loop only", as a check at the few doors that everything passes: the
/// settle ledger, the stepper's timers, what a connection sends, what changes on a link. Whoever
/// breaks the rule anywhere comes through one of them soon.
struct LoopRule: Sendable {
    /// Whether the calling thread is the loop's.
    let isOnLoop: @Sendable () -> Bool

    /// For what a test touches on its own thread, without a loop.
    static let none = LoopRule { true }

    func check() {
        precondition(isOnLoop(), "touched outside the lab's loop")
    }
}
