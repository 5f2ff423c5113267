package import Cluster
internal import CommandLanguage
package import Session

/// One run of a session in a fresh lab on disks of memory, as `shiplog --memory --keep-going` runs
/// it: every command of every line, whatever failed before it.
///
/// - `output` is every byte that was printed, so two runs of one script have equal ones.
/// - It ends at the first breach: nothing that a lab says afterwards proves anything.
package struct SessionRun: Hashable, Sendable {
    /// A lab after one line of a session.
    package struct Moment {
        package let line: String
        /// A command of the line failed.
        package let failed: Bool
        /// What the line printed.
        package let output: [String]
        package let session: Session
        package let lab: Lab
    }

    /// What looks at a lab after a line, and says what is wrong there: `invariant: evidence`.
    package typealias Judge = (Moment) -> [String]

    package private(set) var output: [String] = []
    package private(set) var breaches: [String] = []

    /// - Parameter checksTruth: the lab is held against its invariants after every command.
    package init(_ script: SessionScript, judges: [Judge] = [], checksTruth: Bool = true) {
        let lab: Lab
        do throws(LabFailure) {
            lab = try Lab(
                LabOptions(replicas: script.replicas, seed: script.seed, usesMemory: true))
        } catch {
            output = ["the lab does not start"] + Session.explain(error)
            return
        }
        defer { lab.close() }
        let session = Session(lab: lab)
        var truthBreaches: [String] = []
        if checksTruth { session.breached = { truthBreaches += $0.map(\.description) } }
        for line in script.lines {
            let outcome = play(line, in: session)
            let moment = Moment(
                line: line, failed: outcome.failed, output: outcome.lines, session: session,
                lab: lab)
            breaches = truthBreaches + judges.flatMap { $0(moment) }
            guard breaches.isEmpty else { return }
        }
    }

    private mutating func play(_ line: String, in session: Session) -> LineOutcome {
        output.append(session.prompt + line)
        let outcome = session.run(line, keepsGoing: true)
        // The ports differ from run to run, and nothing else does.
        let saysPorts = line.split(separator: ";").contains {
            $0.split(separator: " ").first == "connect"
        }
        output += saysPorts ? ["(\(outcome.lines.count) lines)"] : outcome.lines
        if outcome.failed { output.append("(failed)") }
        return outcome
    }

    /// The first line that another run of the same script printed otherwise, and what both did.
    package func difference(to other: SessionRun) -> [String]? {
        guard output != other.output else { return nil }
        let index = zip(output, other.output).prefix { $0 == $1 }.count
        let command = output[..<index].last { $0.contains("> ") } ?? ""
        func line(_ run: SessionRun) -> String {
            index < run.output.count ? run.output[index] : "(nothing)"
        }
        return ["after \(command)", "one run:     \(line(self))", "another run: \(line(other))"]
    }
}
