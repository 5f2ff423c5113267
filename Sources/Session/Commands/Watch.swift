internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// `watch`: shows a table again and again while lab time goes on.
struct WatchCommand: LabCommand {
    /// What is shown: commands that only look.
    enum Subject: String, CaseIterable {
        case lag, link, slots, status, topology

        fileprivate var command: any LabCommand {
            switch self {
            case .lag: LagCommand(wish: .meters)
            case .link: LinkCommand(wish: .all)
            case .slots: SlotsCommand()
            case .status: StatusCommand()
            case .topology: TopologyCommand(plan: nil)
            }
        }
    }

    let subject: Subject
    /// Nil: until ^C.
    let lasting: LabDuration?
    let interval: LabDuration

    /// One redraw on a terminal takes no longer in real time.
    private static let longestPause = Duration.seconds(1)
    /// So many tables at most, where nobody can press ^C.
    private static let frameLimit: Int64 = 1000

    static let spec = CommandSpec(
        "watch", .look,
        [
            CommandParameter(
                "TABLE", .oneOf(Subject.allCases.map { Alternative($0.rawValue) })),
            CommandParameter("D", .duration, .assigned("for", example: "10s")),
            CommandParameter("I", .duration, .assigned("every", example: "1s")),
        ],
        summary: "show a table as time goes on",
        details: """
            Lab time goes on, by every= at a time (1s unless given), and after each step the \
            table is shown: lag, link, slots, status or topology. On a terminal each is drawn in \
            the place of the last, and a step takes as much real time, a second at the most. \
            With for=D it ends after so much lab time; without, at Ctrl-C, which leaves the lab \
            where it is. A lesson must give for=.
            """,
        example: "watch lag for=10s every=1s", seeAlso: ["lag", "wait"], changesState: true,
        triedWords: ["top", "loop", "repeat"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        try checkEnds(context)
        try context.checkHeartbeats(within: lasting?.duration ?? .zero)
        let before = context.look()
        let start = before.snapshot.time
        // What was said before comes before.
        _ = context.listener?.hear([])
        var reply = Reply()
        var step = Duration.zero
        repeat {
            let left = lasting.map { $0.duration - context.lab.now.since(start) }
            step = min(interval.duration, left ?? interval.duration)
            guard try show(context, for: step, &reply) else { break }
        } while step > .zero && context.lab.wait(step)
        let now = context.look().snapshot.time
        reply.lines +=
            ["it is \(now.text) now, \(now.since(start).text) later"]
            + context.consequences(since: before)
        reply.json += [["time": now.json]]
        return reply
    }

    /// Shows the table as it is. False: ^C, or nobody looks any more.
    private func show(
        _ context: CommandContext, for step: Duration, _ reply: inout Reply
    ) throws(Failure) -> Bool {
        let happened = context.events()
        let table = try subject.command.run(in: context)
        let time = context.lab.now
        let frame = (table.lines.first == time.text ? [] : [time.text]) + table.lines
        if let screen = context.listener?.screen {
            return screen.draw(happened, frame, min(step, Self.longestPause))
        }
        reply.lines += happened + frame
        reply.json.append(["time": time.json, subject.rawValue: .array(table.json)])
        guard let listener = context.listener else { return true }
        defer { reply = Reply() }
        return listener.hear(reply.rendered(asJSON: listener.asJSON))
    }

    /// Without an end it needs somebody who can press ^C.
    private func checkEnds(_ context: CommandContext) throws(Failure) {
        guard context.listener == nil else { return }
        let again = "watch \(subject.rawValue)"
        guard let lasting else {
            throw Failure(
                "without for= it goes on until Ctrl-C, which nobody can press here",
                advice: "\(again) for=10s")
        }
        let count = lasting.nanoseconds / max(1, interval.nanoseconds)
        guard count >= Self.frameLimit else { return }
        throw Failure(
            "that is \(count + 1) tables, and here there are \(Self.frameLimit) at most",
            advice: "\(again) for=\(TimeText.duration(lasting)), and every= longer than "
                + TimeText.duration(interval))
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension WatchCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        subject = try arguments.word("TABLE", of: Subject.self)
        lasting = arguments["D"] == nil ? nil : try arguments.duration("D")
        guard let word = arguments["I"] else {
            interval = LabDuration(milliseconds: 1000)
            return
        }
        interval = try arguments.duration("I")
        guard interval > .zero else {
            throw Fault(
                .unfit("time that goes on by nothing stands still", advice: "every=1s"), at: word)
        }
    }
}
