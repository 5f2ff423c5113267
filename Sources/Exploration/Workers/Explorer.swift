package import Storage
internal import Synchronization

/// Runs the sessions of many seeds in worker processes, side by side, and makes of each that fails
/// the shortest script that still does.
///
/// - What is found does not depend on how many workers there are; the order in which it is told
///   may.
package struct Explorer {
    /// A failing seed.
    package struct Finding: Hashable, Sendable {
        package let seed: UInt64
        package let verdict: Verdict
        /// The shortest script that fails alike.
        package let script: SessionScript
    }

    package struct Plan: Sendable {
        package var seeds: Range<UInt64>
        package var commandCounts: ClosedRange<Int>
        package var jobCount: Int
        /// So many seconds a worker may take for one session.
        package var patience = 30
        /// After so many findings no further seed is begun.
        package var findingLimit: Int

        package init(
            seeds: Range<UInt64>, commandCounts: ClosedRange<Int> = 30...60, jobCount: Int = 2,
            findingLimit: Int = 5
        ) {
            self.seeds = seeds
            self.commandCounts = commandCounts
            self.jobCount = jobCount
            self.findingLimit = findingLimit
        }
    }

    private let plan: Plan
    private let worker: [String]

    /// - Parameter worker: the program that serves as a worker, and its arguments.
    package init(_ plan: Plan, worker: [String]) {
        self.plan = plan
        self.worker = worker
    }

    /// How many seeds were run, and what was found.
    ///
    /// - Parameters:
    ///   - isOver: asked before each seed, on any thread; true ends the exploration.
    ///   - tell: is told of each finding as it is made, on any thread, one at a time.
    package func run(
        until isOver: @escaping @Sendable () -> Bool = { false },
        tell: @escaping @Sendable (Finding) -> Void
    ) throws(ThreadFailure) -> (seedCount: Int, findings: [Finding]) {
        let board = Board(plan, until: isOver, tell: tell)
        // Fewer do it too, one at a time.
        var threads = [try WorkThread()]
        while threads.count < plan.jobCount, let next = try? WorkThread() { threads.append(next) }
        for thread in threads {
            thread.submit { [plan, worker] _ in
                let process = WorkerProcess(worker, patience: plan.patience)
                while let seed = board.takeSeed() {
                    if let finding = Self.explore(seed, plan, in: process) { board.add(finding) }
                }
            }
        }
        for thread in threads { thread.shutdown() }
        return board.result
    }
}

extension Explorer {
    /// Nil: nothing is wrong with this seed.
    private static func explore(
        _ seed: UInt64, _ plan: Plan, in process: WorkerProcess
    ) -> Finding? {
        let script = SessionDraw.script(seed: seed, commandCounts: plan.commandCounts)
        let verdict = process.ask(script, runs: 2)
        guard verdict != .passed else { return nil }
        let shortest = Shrinker.shortest(script, patience: tries(for: verdict)) { shorter in
            process.ask(shorter, runs: runs(for: verdict), patience: patience(for: verdict, plan))
                .isLike(verdict)
        }
        // Its own evidence, if it fails once more: the long script's is about other commands.
        let again = process.ask(shortest, runs: runs(for: verdict))
        return Finding(
            seed: seed, verdict: again.isLike(verdict) ? again : verdict, script: shortest)
    }

    /// A session that differs only now and then must be given the chance to.
    private static func runs(for verdict: Verdict) -> Int {
        switch verdict {
        case .differs: 12
        case .passed, .breach, .trapped, .hung, .ended: 1
        }
    }

    /// Who has hung once is not waited for as long again: a session takes a fraction of a second.
    private static func patience(for verdict: Verdict, _ plan: Plan) -> Int {
        switch verdict {
        case .hung: min(5, plan.patience)
        case .passed, .breach, .differs, .trapped, .ended: plan.patience
        }
    }

    private static func tries(for verdict: Verdict) -> Int {
        switch verdict {
        case .hung: 40
        case .passed, .breach, .differs, .trapped, .ended: 600
        }
    }
}

/// What the threads of an exploration share: the next seed, and what was found.
private final class Board: Sendable {
    private struct State {
        var next: UInt64
        var findings: [Explorer.Finding] = []
    }

    private let plan: Explorer.Plan
    private let isOver: @Sendable () -> Bool
    private let tell: @Sendable (Explorer.Finding) -> Void
    private let state: Mutex<State>

    init(
        _ plan: Explorer.Plan, until isOver: @escaping @Sendable () -> Bool,
        tell: @escaping @Sendable (Explorer.Finding) -> Void
    ) {
        self.plan = plan
        self.isOver = isOver
        self.tell = tell
        state = Mutex(State(next: plan.seeds.lowerBound))
    }

    /// The next seed to run; nil: the exploration is over.
    func takeSeed() -> UInt64? {
        guard !isOver() else { return nil }
        return state.withLock { state in
            guard state.next < plan.seeds.upperBound, state.findings.count < plan.findingLimit
            else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func add(_ finding: Explorer.Finding) {
        state.withLock { state in
            state.findings.append(finding)
            tell(finding)
        }
    }

    var result: (seedCount: Int, findings: [Explorer.Finding]) {
        state.withLock { state in
            (Int(state.next - plan.seeds.lowerBound), state.findings.sorted { $0.seed < $1.seed })
        }
    }
}
