internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import WALFormat

/// What a command is carried out in: the lab, what was seen of it so far, and what is still to be
/// told.
///
/// Not the conversation: it knows no line, no list of commands and no journal. A session that goes
/// on with another lab (an `undo`, say) makes another one.
final class CommandContext {
    let lab: Lab
    private(set) var memory = Memory()
    private(set) var keys = KeyMemory()
    /// What the lab was like when it was last held against its invariants.
    var truth = TruthChecker()
    /// Who hears of a command before it has ended; nil: nobody, and no command may be endless.
    private(set) var listener: Listener?
    /// Events that were taken from the lab and not told yet.
    private var untold: [LabEvent] = []

    /// Where the lines of a command go that goes on for long.
    struct Listener {
        let asJSON: Bool
        /// Takes lines at once; false: no more are wanted.
        let hear: ([String]) -> Bool
        /// Where one may draw; nil: lines follow each other.
        let screen: Screen?
    }

    init(lab: Lab) {
        self.lab = lab
    }

    /// Carries something out of which somebody hears meanwhile.
    func heard<Result>(by listener: Listener?, _ body: () -> Result) -> Result {
        self.listener = listener
        defer { self.listener = nil }
        return body()
    }

    /// The lab as it is now; what happened meanwhile is kept to be told.
    func look() -> Standing {
        let (standing, events) = lab.look()
        untold += events
        memory.note(standing.snapshot)
        return standing
    }

    /// Asks something of the lab for a command; what the lab cannot do becomes advice on what to
    /// type instead.
    func ask<Answer>(
        _ command: some LabCommand, _ question: () throws(LabFailure) -> Answer
    ) throws(Failure) -> Answer {
        do throws(LabFailure) { return try question() } catch {
            if case .server(let node, _) = error, node == look().transaction {
                memory.transactionFailed()
            }
            throw explain(error, of: command)
        }
    }

    /// Why the lab did not do what a command asked for, and what to type instead.
    func explain(_ failure: LabFailure, of command: some LabCommand) -> Failure {
        let general = FailureText(look(), memory, verb: type(of: command).spec.name)
        return command.advice(on: failure, general) ?? general.failure(failure)
    }
}

extension CommandContext {
    /// As many as a command may make; each takes its time, and is remembered.
    private static let heartbeatLimit = 100_000
    /// The same of clients, whose writes are what is looked at.
    private static let clientWriteLimit = 1_000_000

    /// Refuses to let time pass in which there would be too many heartbeats, or checks of the
    /// monitor that no wait can leave out.
    func checkHeartbeats(within duration: Duration) throws(Failure) {
        try refuse(
            "checks of the monitor, whose link flaps,", every: lab.restlessMonitorInterval,
            within: duration, advice: "heal monitor, or monitor off")
        try refuse(
            "heartbeats", every: lab.heartbeatInterval, within: duration,
            advice: "config heartbeat_interval 1h, or 0 for none")
        try refuse(
            "client writes", every: lab.clientInterval, within: duration,
            limit: Self.clientWriteLimit, advice: "clients off, or a shorter time")
    }

    private func refuse(
        _ what: String, every interval: Duration, within duration: Duration,
        limit: Int = heartbeatLimit, advice: String
    ) throws(Failure) {
        let count = Heartbeats.count(every: interval, within: duration)
        guard count > limit else { return }
        throw Failure(
            "\(count) \(what) are due in that time, and a command makes \(limit) at most",
            advice: advice)
    }
}

// What commands find out that no look at the lab would tell.
extension CommandContext {
    /// A key passed by.
    func note(key: String) { keys.note(key) }

    /// A node's disk was made to fail, or to work.
    func note(_ fault: DiskFault, on node: String) { memory.note(fault, on: node) }
}

// What there is to tell.
extension CommandContext {
    /// What follows a state-changing command's own sentences: a transaction that is gone, what
    /// happened meanwhile, the rows that changed, who is behind, and what the primary's death would
    /// cost now.
    func consequences(
        since before: Standing, without isSaid: (LabEvent) -> Bool = { _ in false }
    ) -> [String] {
        let now = look()
        return now.lostTransaction(since: before) + events(in: now, without: isSaid)
            + StatusTable(now.snapshot, since: before.snapshot).lines
            + now.lagLines + now.warnings + [now.riskLine]
    }

    /// What happened since it was last told, but for what the reply says itself.
    func events(without isSaid: (LabEvent) -> Bool = { _ in false }) -> [String] {
        events(in: look(), without: isSaid)
    }

    /// The same, up to the last look.
    func events(
        in now: Standing, without isSaid: (LabEvent) -> Bool = { _ in false }
    ) -> [String] {
        let happened = untold.filter { !isSaid($0) }
        untold = []
        return EventText.lines(happened, in: now.snapshot)
    }

    /// Leaves out of what is told next what a failure says itself.
    func skipEvents(_ isSaid: (LabEvent) -> Bool) {
        _ = look()
        untold.removeAll(where: isSaid)
    }
}
