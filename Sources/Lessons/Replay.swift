internal import CommandLanguage

/// One run of one document in one fresh lab.
///
/// - `log` is everything that was printed or observed: two runs of a proven file have equal logs.
/// - A run goes on after a finding, so that one report shows all of them; it ends where the
///   session ends.
struct Replay {
    /// A step whose printed lines its recorded lines do not stand for.
    struct Change: Hashable {
        let step: CommandFence.Step
        let alignment: Alignment
    }

    private(set) var log: [String] = []
    private(set) var findings: [Finding] = []
    private(set) var changes: [Change] = []

    private let sourceLines: [String]
    private var quitLine: Int?
    private var isOver = false

    init(_ document: MarkdownDocument, startLab: LabFactory) {
        sourceLines = SourceLine.lines(of: document.source).map(\.text)
        guard document.blocks.contains(where: { $0.content != .prose }) else { return }
        let lab: any CommandRunner
        do { lab = try startLab(document.settings) } catch {
            findings = [.labDidNotStart(reason: "\(error)")]
            log = ["(the lab did not start: \(error))"]
            return
        }
        defer { lab.close() }
        for block in document.blocks { play(block, in: lab) }
    }

    private mutating func play(_ block: MarkdownDocument.Block, in lab: any CommandRunner) {
        switch block.content {
        case .prose: break
        case .shiplog(let fence) where fence.skipReason != nil: break
        case .shiplog(let fence): for step in fence.steps { play(step, in: lab) }
        case .predict(let prediction): ask(prediction, at: block.firstLine, in: lab)
        case .task(let task): solve(task, at: block.firstLine, in: lab)
        }
    }

    private mutating func play(_ step: CommandFence.Step, in lab: any CommandRunner) {
        guard goesOn(at: step.line) else { return }
        var outcome = LineOutcome()
        if step.settings == nil { outcome = run(step.command, at: step.line, in: lab) }
        for line in outcome.lines {
            guard let reason = UnwritableReason(line) else { continue }
            findings.append(
                .unwritable(line: step.line, command: step.command, printed: line, reason: reason))
        }
        if outcome.failed && !step.mustFail {
            findings.append(
                .failed(line: step.line, command: step.command, printed: outcome.lines))
            return
        }
        if !outcome.failed && step.mustFail {
            findings.append(.succeeded(line: step.line, command: step.command))
        }
        compare(step, outcome.lines)
    }

    private mutating func compare(_ step: CommandFence.Step, _ printed: [String]) {
        let alignment = Alignment(recorded: step.output, printed: printed)
        guard !alignment.isMatch else { return }
        changes.append(Change(step: step, alignment: alignment))
        let start = max(0, step.line - 3)
        let diff = UnifiedDiff(
            alignment, before: Array(sourceLines[start..<step.line]),
            after: Array(sourceLines.dropFirst(step.line + step.output.count).prefix(3)),
            firstLine: start + 1)
        findings.append(.differs(line: step.line, command: step.command, diff: diff.lines))
    }

    private mutating func ask(_ question: Prediction, at line: Int, in lab: any CommandRunner) {
        guard let answer = question.answer, goesOn(at: line) else { return }
        let observed = observe(answer, in: lab)
        if observed?.isIdentical(to: question.rightChoice) != true {
            findings.append(
                .wrongAnswer(line: line, starred: question.rightChoice, observed: observed))
        }
    }

    private mutating func solve(_ task: LabTask, at line: Int, in lab: any CommandRunner) {
        guard goesOn(at: line) else { return }
        for wanted in task.goals
        where wanted.goal.isMet(by: observe(wanted.goal.fact, in: lab)) {
            findings.append(.goalMetBefore(line: wanted.line, goal: wanted.goal))
        }
        for part in task.solution {
            guard goesOn(at: part.line) else { return }
            let outcome = run(part.command, at: part.line, in: lab)
            guard outcome.failed else { continue }
            findings.append(
                .solutionFailed(line: part.line, command: part.command, printed: outcome.lines))
        }
        for wanted in task.goals {
            let observed = observe(wanted.goal.fact, in: lab)
            guard !wanted.goal.isMet(by: observed) else { continue }
            findings.append(.goalNotMet(line: wanted.line, goal: wanted.goal, observed: observed))
        }
    }

    /// False once the session has ended; the first thing that was still to run says so.
    private mutating func goesOn(at line: Int) -> Bool {
        guard let quitLine else { return true }
        if !isOver { findings.append(.afterQuit(line: line, quitLine: quitLine)) }
        isOver = true
        return false
    }

    private mutating func run(
        _ command: String, at line: Int, in lab: any CommandRunner
    ) -> LineOutcome {
        let outcome = lab.run(command)
        log += ["> \(command)"] + outcome.lines + (outcome.failed ? ["(failed)"] : [])
        if outcome.quit { quitLine = line }
        return outcome
    }

    private mutating func observe(_ fact: Fact, in lab: any CommandRunner) -> String? {
        let observed = lab.observe(fact)
        log.append("(\(fact): \(observed ?? "nothing"))")
        return observed
    }
}

extension Replay {
    /// How a later run differs from this one; nil when it printed the same bytes.
    func difference(to later: Replay) -> [String]? {
        let alignment = Alignment(recorded: log, printed: later.log, literally: true)
        return alignment.isMatch ? nil : UnifiedDiff(alignment).lines
    }
}
