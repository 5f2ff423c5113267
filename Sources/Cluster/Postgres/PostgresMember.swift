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
/// bound pass, or that connects again and again and gets nowhere, is given up: an event says so,
/// and it is not waited for again before there is something new.
///
/// - Touched on the lab's loop only.
final class PostgresMember {
    /// Real time that it is waited for.
    static let patience = Duration.seconds(5)
    /// How many messages of handshakes are waited for until something new has come of them; one
    /// takes some five, or ten onto another timeline.
    private static let fruitlessMessageLimit = 30

    let name: String
    private(set) var upstream: String
    private(set) var link: Link
    /// Its process; nil before it was started.
    var server: StandbyServer?
    private(set) var log: DeliveredLog
    /// Its last report; positions of 0 are not known.
    private(set) var reported: StandbyStatus?
    /// What it has ever confirmed.
    private(set) var confirmed: ReachedLog
    /// The upstream's slot that it uses. PostgreSQL: `primary_slot_name`.
    var slot: String?
    /// What its upstream last had against its stream; nil when WAL has come since.
    private(set) var refusal: ServerError?

    private let lab: LabLoop
    private let upstreamProcess: () -> NodeProcess?
    private let report: (LSN, PostgresEvent) -> Void
    private var sessions: [Int: PostgresConnection] = [:]
    private var wait: OutsideWait?
    private var hasGivenUp = false
    /// Its upstream's process when it was last looked at.
    private weak var knownUpstream: NodeProcess?
    private var messagesWithoutProgress = 0
    /// The end of what it has ever replayed.
    private var furthest = LSN.invalid
    private var hasReportedEnd = false
    /// The timeline it has last streamed on.
    private(set) var timeline: Timeline
    /// Its files are consistent when it has replayed up to here.
    private let consistentAt: LSN

    /// What it is started on.
    struct Origin {
        let upstream: String
        /// The link to its upstream, which it dials.
        let link: Link
        let log: DeliveredLog
        let confirmed: ReachedLog
        /// The base backup that its files are.
        let backup: BackupReceiver.Summary
        let slot: String?
    }

    /// - Parameter upstreamProcess: its upstream's process, while that is up.
    init(
        name: String, _ origin: Origin, lab: LabLoop,
        upstreamProcess: @escaping () -> NodeProcess?,
        report: @escaping (LSN, PostgresEvent) -> Void
    ) {
        self.name = name
        upstream = origin.upstream
        link = origin.link
        log = origin.log
        confirmed = origin.confirmed
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
    var isCaughtUp: Bool { isStreaming && !mustConfirm }

    /// It is to connect anew: what was given up before is waited for again.
    func reconnect() {
        waitAgain()
        _ = link.sever()
    }

    /// Follows another node, over the same link, by a new connection.
    func follow(_ upstream: String) {
        self.upstream = upstream
        reconnect()
    }

    /// Its process is about to be stopped on purpose: nothing is expected of it, nor read.
    func suspend() {
        lab.stepper.removeLull(lullName)
        link.tap = nil
        server = nil
        sessions = [:]
        endWait()
    }

    /// Its process is about to be started, and may connect at once: from here on it is read.
    func listen() {
        hasReportedEnd = false
        waitAgain()
        link.tap = self
        lab.stepper.addLull(lullName) { [weak self] in self?.beginWait() ?? false }
    }

    /// It is no part of the lab any more.
    func detach() {
        suspend()
        link.close()
    }

    private var lullName: String { "postgres \(name)" }

    // MARK: Whose turn it is

    private var mustConfirm: Bool {
        flushLSN < log.delivered || (reported?.apply ?? .invalid) < log.recordEnd
            || sessions.values.contains(where: \.mustReport)
    }

    /// Whether something is to be expected of it now.
    private var isItsTurn: Bool {
        let upstream = upstreamProcess()
        // One that has diverged tries for ever, in vain.
        guard isRunning, divergence(from: upstream) == nil else { return false }
        let upstreamStops = upstream?.isStopping != false
        if !upstreamStops, sessions.isEmpty || sessions.values.contains(where: \.mustSend) {
            return true
        }
        return isStreaming && mustConfirm
    }

    /// At a stillness: begins to wait if there is something to wait for.
    private func beginWait() -> Bool {
        reportEnd()
        let upstream = upstreamProcess()
        if upstream !== knownUpstream { waitAgain() }
        knownUpstream = upstream
        guard isItsTurn, !hasGivenUp, wait == nil else { return false }
        guard messagesWithoutProgress < Self.fruitlessMessageLimit else {
            giveUp()
            return true
        }
        if !isStreaming { messagesWithoutProgress += 1 }
        wait = lab.awaitOutside(atMost: Self.patience) { [weak self] in self?.giveUp() }
        return true
    }

    /// What it was given up for may be over: it is waited for again.
    func waitAgain() {
        hasGivenUp = false
        messagesWithoutProgress = 0
    }

    private func giveUp() {
        wait = nil
        hasGivenUp = true
        guard isRunning else { return reportEnd() }
        let silence =
            isStreaming
            ? PostgresEvent.unconfirmed(upTo: log.delivered, within: Self.patience)
            : .notStreaming(refusal, within: Self.patience, lastOutput: server?.lastOutput ?? "")
        report(log.delivered, silence)
    }

    /// Looks whether what was waited for has come.
    private func endWaitIfAnswered() {
        if !isItsTurn { endWait() }
    }

    private func endWait() {
        wait?.end()
        wait = nil
    }

    private func reportEnd() {
        guard let server, !server.isRunning, !hasReportedEnd else { return }
        hasReportedEnd = true
        report(log.delivered, .ended(lastOutput: server.lastOutput))
    }
}

extension PostgresMember: LinkTap {
    func opened(session: Int) {
        sessions[session] = PostgresConnection()
    }

    func delivered(_ bytes: [UInt8], session: Int) {
        guard sessions[session] != nil else { return }
        var log = log
        var hasLog = false
        sessions[session]?.delivered(bytes) {
            log.take($0)
            hasLog = true
        }
        if log.delivered > self.log.delivered { waitAgain() }
        self.log = log
        if hasLog { refusal = nil }
        if let refused = sessions[session]?.refusal { refusal = refused }
        if sessions[session]?.isStreaming ?? false {
            timeline = sessions[session]?.asked?.timeline ?? timeline
        }
    }

    func sent(_ bytes: [UInt8], session: Int) {
        for status in sessions[session]?.sent(bytes) ?? [] {
            if status.apply > furthest {
                furthest = status.apply
                waitAgain()
            }
            reported = status
            confirmed.extend(to: status.flush, on: timeline)
            log.replayed(upTo: status.apply)
        }
        endWaitIfAnswered()
    }

    func closed(session: Int) {
        sessions[session] = nil
        if sessions.isEmpty { assumeReplay() }
        endWaitIfAnswered()
    }

    /// An upstream that stops hangs up as soon as all its log is flushed here, and does not wait to
    /// be told that it was replayed. It is: replay needs nobody. Of one that did not confirm in
    /// time, the last report stands.
    private func assumeReplay() {
        guard !hasGivenUp, let last = reported, last.flush >= log.delivered else { return }
        reported?.apply = max(last.apply, log.recordEnd)
        log.replayed(upTo: log.recordEnd)
    }
}
