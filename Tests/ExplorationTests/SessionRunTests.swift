import Testing

@testable import Exploration

struct SessionRunTests {
    private let script = SessionScript(
        replicas: 1, seed: 1, lines: ["set a 1", "nonsense; get a", "crash p", "connect"])

    @Test func `a run prints what the prompt prints, and goes on after an error`() {
        let run = SessionRun(script)
        #expect(run.output.first == "03:00:00.000 p> set a 1")
        #expect(run.output.contains("(failed)"))
        #expect(run.output.contains { $0.hasPrefix("p lost power") })
        #expect(run.output.contains("(2 lines)") || run.output.contains("(3 lines)"))
    }

    @Test func `two runs of a script are the same, and their difference is told if not`() {
        #expect(SessionRun(script).difference(to: SessionRun(script)) == nil)
        var other = script
        other.lines[0] = "set a 2"
        #expect(
            SessionRun(script).difference(to: SessionRun(other))?.last
                == "another run: 03:00:00.000 p> set a 2")
    }

    @Test func `a judge's objection ends the run and is a breach`() {
        let request = WorkerRequest(runs: 2, script)
        let verdict = Worker.verdict(on: request) { _ in
            [{ $0.line == "crash p" ? ["one primary: there is none"] : [] }]
        }
        #expect(verdict == .breach(["one primary: there is none"]))
        #expect(Worker.verdict(on: request) { _ in [] } == .passed)
    }

    @Test(arguments: [
        ["lag r1 800ms", "load 12 every 66ms", "crash p", "promote r1", "wait 3m"],
        // A connection that was opened to look would carry the write, and r1 take it as it thaws.
        ["set a 0", "promote r1", "freeze r1", "set b 0", "thaw r1", "wait 1s"],
    ])
    func `looking at a lab changes nothing`(lines: [String]) {
        let script = SessionScript(replicas: 2, seed: 1, lines: lines)
        let judge = ModelJudge(script)
        #expect(SessionRun(script, judges: [judge.judge]) == SessionRun(script))
    }

    @Test func `what a stalled link holds as its ends give up is the same each time`() {
        let script = SessionScript(
            replicas: 1, seed: 1, lines: ["link r1 stall", "watch link for=62s"])
        let first = SessionRun(script)
        for _ in 1...6 { #expect(SessionRun(script).difference(to: first) == nil) }
    }
}
