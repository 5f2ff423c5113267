import Synchronization
import Testing

@testable import Exploration

/// Workers that are shell scripts: what they do wrong is planted.
struct WorkerProcessTests {
    private let script = SessionScript(replicas: 2, seed: 9, lines: ["set a 1", "promote r1"])

    /// Does something once it has been asked.
    private func worker(_ body: String) -> [String] {
        ["/bin/sh", "-c", "while read head; do read one; read two; \(body); done"]
    }

    private func verdict(_ body: String, patience: Int = 20) -> Verdict {
        WorkerProcess(worker(body), patience: patience).ask(script, runs: 2)
    }

    @Test func `an answer is handed on`() {
        #expect(verdict("echo passed 0") == .passed)
        #expect(verdict("echo breach 1; echo \"$two: no\"") == .breach(["promote r1: no"]))
    }

    @Test func `a trap is told with its signal and the process's last words`() {
        #expect(
            verdict("echo Fatal error >&2; kill -ILL $$")
                == .trapped(signal: 4, lastOutput: ["Fatal error"]))
    }

    @Test func `a process that ends by itself is no answer`() {
        #expect(verdict("exit 3") == .ended(status: 3, lastOutput: []))
        #expect(
            WorkerProcess(["/no/such/program"], patience: 1).ask(script, runs: 1)
                == .ended(status: 127, lastOutput: ["it cannot be started"]))
    }

    @Test func `a hang is told when the patience is at its end`() {
        #expect(verdict("read never", patience: 1) == .hung(seconds: 1))
    }

    @Test func `a worker that died is replaced`() {
        let process = WorkerProcess(
            worker("case $one in trap) kill -ILL $$;; *) echo passed 0;; esac"), patience: 20)
        var trap = script
        trap.lines[0] = "trap"
        #expect(process.ask(script, runs: 1) == .passed)
        #expect(process.ask(trap, runs: 1).isLike(.trapped(signal: 4, lastOutput: [])))
        #expect(process.ask(script, runs: 1) == .passed)
    }

    @Test func `a request survives its way through the pipe`() {
        var lines = WorkerRequest(runs: 2, script).text.split(separator: "\n").map(String.init)
        let read = WorkerRequest { lines.isEmpty ? nil : lines.removeFirst() }
        #expect(read == WorkerRequest(runs: 2, script))
        #expect(WorkerRequest { nil } == nil)
    }

    @Test func `an exploration makes the shortest script of a trap`() throws {
        // The third number of a request is how many lines follow it.
        let worker = [
            "/bin/sh", "-c",
            """
            while read runs replicas seed count; do
                trap=
                while [ $count -gt 0 ]; do
                    read line; count=$((count - 1))
                    case $line in promote*) trap=1;; esac
                done
                [ -z "$trap" ] || kill -ILL $$
                echo passed 0
            done
            """,
        ]
        let told = Mutex(0)
        let plan = Explorer.Plan(seeds: 1..<40, commandCounts: 10...10, findingLimit: 2)
        let result = try Explorer(plan, worker: worker).run { _ in told.withLock { $0 += 1 } }
        #expect(result.findings.count >= 2)
        #expect(told.withLock { $0 } == result.findings.count)
        for finding in result.findings { #expect(finding.script.lines == ["promote"]) }
    }
}
