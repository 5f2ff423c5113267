internal import Glibc

/// The worker's side: runs the sessions that standard input asks for, one after the other, and says
/// on standard output what came of each, until the input ends.
///
/// A process of its own, because a trap ends the process.
package enum Worker {
    /// What looks at a fresh lab's session; made anew for each run.
    package typealias MakeJudges = (SessionScript) -> [SessionRun.Judge]

    /// - Parameter judges: what looks at the labs beside the model.
    package static func serve(judges: MakeJudges) {
        while let request = WorkerRequest(reading: { readLine() }) {
            let verdict = verdict(on: request) { script in
                [ModelJudge(script).judge] + judges(script)
            }
            say(verdict.text)
        }
    }

    static func verdict(on request: WorkerRequest, judges: MakeJudges) -> Verdict {
        let script = request.script
        let first = SessionRun(script, judges: judges(script))
        guard first.breaches.isEmpty else { return .breach(first.breaches) }
        for _ in 1..<max(1, request.runs) {
            // Nobody looks at it: that looking changes nothing is tried on the way.
            let again = SessionRun(script, checksTruth: false)
            if let difference = first.difference(to: again) { return .differs(difference) }
        }
        return .passed
    }

    private static func say(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
