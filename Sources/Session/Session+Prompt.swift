internal import Cluster
internal import CommandLanguage
internal import DatabaseNode

/// What an interactive prompt asks of a session besides running lines.
extension Session {
    /// What to print before the first prompt: what runs, what to try first, and what recovery found
    /// when a lab was reopened.
    package var greeting: [String] {
        let replicas = context.lab.nodeNames.filter { $0 != context.lab.snapshot().primary }
        return [Words.greeting(primary: context.lab.snapshot().primary, replicas: replicas)]
            + (context.lab.wasReopened ? reopened : [])
            + ["Lab time stands still between commands. Type 'help', or: set pay:1 100"]
    }

    /// Where a reopened lab goes on, and what recovery found.
    private var reopened: [String] {
        let now = context.look()
        let commits = now.end.map {
            ", with \(Words.commits($0.commits)) on \(now.snapshot.primary)"
        }
        return ["Reopened as it was left, at \(now.snapshot.time.text)\(commits ?? "")."]
            + EventText.lines(openingEvents.filter(\.isRecovery), in: now.snapshot)
    }

    /// Lab time and the present primary, ASCII: `03:00:00.000 p> `, and `p (crashed)> ` when it is
    /// down; when another takes writes too, both: `r1 + p> `. An open transaction shows as in
    /// psql: `p*> `, one that has failed as `p!> `; if it is on another node, that is named:
    /// `p r1*> `.
    package var prompt: String {
        let now = context.look()
        let name = now.snapshot.primary
        let state = now.primary?.takesNoWrites == true ? "fenced" : nil
        let down =
            (state ?? Words.down(now.primary?.state ?? .up)).map { " (\($0))" } ?? ""
        let others = now.otherPrimaries.map { " + \($0.name)" }.joined()
        let start = "\(now.snapshot.time.text) \(name)\(down)\(others)"
        guard let node = now.transaction else { return start + "> " }
        let mark = context.memory.transactionHasFailed ? "!" : "*"
        return start + (node == name ? "" : " \(node)") + "\(mark)> "
    }

    /// What outside programs did since the last call, in one line; nil: nothing. For a prompt
    /// alone: when they do it is not the lab's to decide, so no transcript may hold it.
    package func outsideNews() -> String? {
        let done = context.lab.takeOutsideTally()
        guard !done.isEmpty else { return nil }
        let parts = [
            (done.connections, "connection"), (done.statements, "statement"),
            (done.rowsChanged, "changed row"), (done.refused, "refused connection"),
        ]
        let told = parts.filter { $0.0 > 0 }.map { CountText.of($0.0, $0.1) }
        return "outside programs: \(told.joined(separator: ", "))"
    }

    /// What TAB offers: the text before the cursor that a candidate replaces, and the candidates,
    /// whole words quoted where they must be.
    ///
    /// - Parameter cursor: a UTF-8 offset in `line`.
    package func completion(line: String, cursor: Int) -> (typed: String, candidates: [String]) {
        var names = names(isInteractive: true)
        names.primaryName = context.lab.snapshot().primary
        names.keys = context.keys.all
        names.slotNames = Set(context.lab.retention().flatMap { $0.slots.map(\.name) }).sorted()
        let found = Completion.candidates(
            line: line, cursor: cursor, table: table, context: names)
        var typed = Array(line.utf8.prefix(max(0, cursor)).dropFirst(found.start))
        // A cursor inside a character: what is replaced ends where the character begins.
        while String(validating: typed, as: UTF8.self) == nil { typed.removeLast() }
        return (String(decoding: typed, as: UTF8.self), found.candidates)
    }

    /// The arguments still to come, for the right edge of the prompt; empty when there is nothing
    /// to say.
    package func hint(line: String) -> String {
        Hint.forLine(line, table: table, context: names(isInteractive: true))
    }
}
