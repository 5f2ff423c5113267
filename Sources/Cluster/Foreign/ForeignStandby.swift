import DatabaseNode
import LabClock
import Network
import Programs
import Replication
import WALFormat
import WireProtocol

/// An unmodified PostgreSQL that follows a node, as the lab knows it: by what passes at its own end
/// of its link, and by nothing else.
///
/// It has no share in lab time and none in the settle ledger. So at every stillness the lab asks
/// whether it is its turn: it has to connect, to go on with its handshake, or to confirm what the
/// link has let through. Then the lab waits for it, up to a bound of real time. One that lets the
/// bound pass, or that speaks again and again and gets nowhere, is given up: that is told, and it
/// is not waited for again before there is something new.
///
/// - Touched on the lab's loop only.
final class ForeignStandby {
    /// Real time that it is waited for.
    static let patience = Duration.seconds(5)
    /// How many words of handshakes are waited for until something new has come of them; one takes
    /// some five, or ten onto another timeline.
    private static let fruitlessWords = 30

    let name: String
    private(set) var upstream: String
    private(set) var link: Link
    /// Its process; nil before it was started.
    var server: StandbyServer?
    private(set) var log: ForeignLog
    /// Its last report; positions of 0 are not known.
    private(set) var reported: StandbyStatus?
    /// What it has ever confirmed.
    private(set) var witness: ForeignWitness
    /// The upstream's slot that it uses. PostgreSQL: `primary_slot_name`.
    var slot: String?
    /// What its upstream last had against its stream; nil when WAL has come since.
    private(set) var refusal: ServerError?

    private let lab: LabLoop
    private let upstreamProcess: () -> NodeProcess?
    private let report: (LSN, ForeignEvent) -> Void
    private var sessions: [Int: ForeignSession] = [:]
    private var wait: OutsideWait?
    private var hasGivenUp = false
    /// Whom it could turn to when it was last looked at.
    private weak var knownUpstream: NodeProcess?
    private var wordsWithoutProgress = 0
    /// The end of what it has ever replayed.
    private var furthest = LSN.invalid
    private var hasToldOfEnd = false
    /// The timeline it has last streamed on.
    private(set) var timeline: Timeline
    /// Its files are consistent when it has replayed up to here.
    private let consistentAt: LSN

    /// What it is started on.
    struct Origin {
        let upstream: String
        /// The link to its upstream, which it dials.
        let link: Link
        let log: ForeignLog
        let witness: ForeignWitness
        /// The base backup that its files are.
        let backup: BackupReceiver.Summary
        let slot: String?
    }

    /// - Parameter upstreamProcess: whom it follows, while that is up.
    init(
        name: String, _ origin: Origin, lab: LabLoop,
        upstreamProcess: @escaping () -> NodeProcess?,
        report: @escaping (LSN, ForeignEvent) -> Void
    ) {
        self.name = name
        upstream = origin.upstream
        link = origin.link
        log = origin.log
        witness = origin.witness
        timeline = origin.backup.timeline
        consistentAt = origin.backup.end
        slot = origin.slot
        self.lab = lab
        self.upstreamProcess = upstreamProcess
        self.report = report
    }

    /// Whether WAL comes, or would. A server that has removed what is asked for opens the stream
    /// all the same, and then refuses.
    var isStreaming: Bool { refusal == nil && sessions.values.contains(where: \.isStreaming) }
    /// Where its present stream begins, as it asked.
    var streamStart: LSN? { sessions.values.first(where: \.isStreaming)?.asked?.from }
    /// Whether its process runs.
    var isRunning: Bool { server?.isRunning ?? false }
    /// Durable there, by its last report; 0/0 before the first.
    var flushLSN: LSN { reported?.flush ?? .invalid }
    /// Whether it has replayed enough to let anybody read.
    var isConsistent: Bool { (reported?.apply ?? .invalid) >= consistentAt }
    /// Whether it is consistent, or will not get any further by itself for now.
    var isSettled: Bool { isConsistent || hasGivenUp || !isRunning }
    /// Whether it has confirmed all that its link has let through.
    var isCaughtUp: Bool { isStreaming && !owesPositions }

    /// It is to connect anew: what was given up before is hoped for again.
    func reconnect() {
        hopeAgain()
        _ = link.sever()
    }

    /// Follows another node, over the same link, by a new connection.
    func follow(_ upstream: String) {
        self.upstream = upstream
        reconnect()
    }

    /// Its process is about to be stopped on purpose: nothing is expected of it, nor heard.
    func suspend() {
        lab.stepper.removeLull(lullName)
        link.tap = nil
        server = nil
        sessions = [:]
        endWait()
    }

    /// Its process is about to be started, and may connect at once: from here on it is heard.
    func listen() {
        hasToldOfEnd = false
        hopeAgain()
        link.tap = self
        lab.stepper.addLull(lullName) { [weak self] in self?.awaitIt() ?? false }
    }

    /// It is no part of the lab any more.
    func detach() {
        suspend()
        link.close()
    }

    private var lullName: String { "outside \(name)" }

    // MARK: Whose turn it is

    private var owesPositions: Bool {
        flushLSN < log.delivered || (reported?.apply ?? .invalid) < log.recordEnd
            || sessions.values.contains(where: \.owesReport)
    }

    /// Whether something is to be expected of it now.
    private var isItsTurn: Bool {
        let upstream = upstreamProcess()
        // One that has diverged tries for ever, in vain.
        guard isRunning, divergence(from: upstream) == nil else { return false }
        let isGoodbye = upstream?.isStopping != false
        if !isGoodbye, sessions.isEmpty || sessions.values.contains(where: \.owesWord) {
            return true
        }
        return isStreaming && owesPositions
    }

    /// At a stillness: begins to wait if there is something to wait for.
    private func awaitIt() -> Bool {
        tellOfEnd()
        let upstream = upstreamProcess()
        if upstream !== knownUpstream { hopeAgain() }
        knownUpstream = upstream
        guard isItsTurn, !hasGivenUp, wait == nil else { return false }
        guard wordsWithoutProgress < Self.fruitlessWords else {
            giveUp()
            return true
        }
        if !isStreaming { wordsWithoutProgress += 1 }
        wait = lab.awaitOutside(atMost: Self.patience) { [weak self] in self?.giveUp() }
        return true
    }

    /// What it was given up for may be over: it is waited for again.
    func hopeAgain() {
        hasGivenUp = false
        wordsWithoutProgress = 0
    }

    private func giveUp() {
        wait = nil
        hasGivenUp = true
        guard isRunning else { return tellOfEnd() }
        let silence =
            isStreaming
            ? ForeignEvent.unconfirmed(upTo: log.delivered, within: Self.patience)
            : .notStreaming(refusal, within: Self.patience, lastWords: server?.lastWords ?? "")
        report(log.delivered, silence)
    }

    /// Looks whether what was waited for has come.
    private func look() {
        if !isItsTurn { endWait() }
    }

    private func endWait() {
        wait?.end()
        wait = nil
    }

    private func tellOfEnd() {
        guard let server, !server.isRunning, !hasToldOfEnd else { return }
        hasToldOfEnd = true
        report(log.delivered, .ended(lastWords: server.lastWords))
    }
}

extension ForeignStandby: LinkTap {
    func opened(session: Int) {
        sessions[session] = ForeignSession()
    }

    func delivered(_ bytes: [UInt8], session: Int) {
        guard sessions[session] != nil else { return }
        var log = log
        var hasLog = false
        sessions[session]?.delivered(bytes) {
            log.take($0)
            hasLog = true
        }
        if log.delivered > self.log.delivered { hopeAgain() }
        self.log = log
        if hasLog { refusal = nil }
        if let said = sessions[session]?.refusal { refusal = said }
        if sessions[session]?.isStreaming ?? false {
            timeline = sessions[session]?.asked?.timeline ?? timeline
        }
    }

    func heard(_ bytes: [UInt8], session: Int) {
        for status in sessions[session]?.heard(bytes) ?? [] {
            if status.apply > furthest {
                furthest = status.apply
                hopeAgain()
            }
            reported = status
            witness.confirmed(status.flush, on: timeline)
            log.replayed(upTo: status.apply)
        }
        look()
    }

    func closed(session: Int) {
        sessions[session] = nil
        if sessions.isEmpty { assumeReplay() }
        look()
    }

    /// An upstream that stops hangs up as soon as all its log is flushed here, and does not wait to
    /// hear that it was replayed. It is: replay needs nobody. One that did not confirm in time has
    /// its reasons, and is taken at its word.
    private func assumeReplay() {
        guard !hasGivenUp, let last = reported, last.flush >= log.delivered else { return }
        reported?.apply = max(last.apply, log.recordEnd)
        log.replayed(upTo: log.recordEnd)
    }
}
