import DatabaseNode
import LabClock
import Network
import Storage
import WALFormat
import WireProtocol

/// Looks at every stillness how far the replicas are behind, by what the lab knows and no meter
/// shows: whether that is too far, and how it goes.
///
/// - Touched on the lab's loop only.
final class LagWatch {
    private var alarms = LagAlarms()
    /// How far behind each replica has been that runs, and whose log has not parted.
    private(set) var histories: [String: LagHistory] = [:]
    /// Where the primary and the replicas were when it last looked.
    private var seen: [LSN] = []
    /// When the next limit is crossed if nothing else happens.
    private var due: LabInstant?
    private let deadline: Deadline

    init(lab: LabLoop) {
        // Whatever is due brings a stillness, and with it a look.
        deadline = Deadline(lab: lab, owner: "lag alarm") {}
    }

    /// From where on it raises an alarm.
    var limits: LagLimits {
        get { alarms.limits }
        set {
            alarms.limits = newValue
            deadline.cancel()
            seen = []
        }
    }

    /// Says what is new. That nothing has moved since, and nothing is due, is soon seen.
    func look(at cluster: Cluster) -> [(name: String, news: LagAlarms.News)] {
        let places = cluster.lagPlaces
        guard places != seen || due.map({ cluster.now >= $0 }) ?? false else { return [] }
        seen = places
        let readings = cluster.lagReadings
        note(readings, at: cluster.now)
        let news = alarms.look(at: readings, now: cluster.now)
        due = alarms.nextDue(readings)
        deadline.move(to: due)
        return news
    }

    private func note(_ readings: [String: LagAlarms.Reading], at now: LabInstant) {
        histories = histories.filter { readings[$0.key] != nil }
        for (name, reading) in readings {
            let (missing, made) = (reading.byteCount, reading.logEnd)
            histories[name, default: LagHistory(missing: missing, made: made, at: now)]
                .note(missing: missing, made: made, at: now)
        }
    }

    /// A command has changed something, or a load begins or ends.
    func turn(at now: LabInstant) {
        for name in histories.keys { histories[name]?.turn(at: now) }
    }
}

extension Cluster {
    /// Work for a stillness: tells of replicas that are too far behind.
    func watchLag() -> Bool {
        for (name, news) in lagWatch.look(at: self) { tell(of: name, alarm(news, of: name)) }
        // What is told moves nothing.
        return false
    }

    private func alarm(_ news: LagAlarms.News, of name: String) -> LagAlarm {
        switch news {
        case .over: return .over
        case .raised(let limit):
            let cost = standing.candidates.first { $0.name == name }?.cost
            return .raised(limit, behind: primary.name, rpo: cost)
        }
    }

    /// Everything that a reading depends on but the time.
    fileprivate var lagPlaces: [LSN] {
        let primary = primary
        let number = nodes.firstIndex { $0 === primary } ?? 0
        return [LSN(UInt64(number)), primary.process?.flushLSN ?? .invalid]
            + nodes.map { $0.process?.database.insertLSN ?? .invalid }
            + (postgres.map { [$0.reported?.apply ?? .invalid] } ?? [])
    }

    /// How far each running replica is behind a running primary.
    fileprivate var lagReadings: [String: LagAlarms.Reading] {
        guard let process = primary.process else { return [:] }
        let (end, log) = (process.flushLSN, process.logExtent)
        return members.reduce(into: [:]) { readings, member in
            guard member.upstream != nil, member.isRunning, let replay = member.replayLSN else {
                return
            }
            guard replay < end else {
                readings[member.name] = LagAlarms.Reading(
                    since: nil, byteCount: 0, logEnd: Int(end.rawValue))
                return
            }
            guard let own = member.logExtent(timelines.forks, at: now),
                own.parting(from: log) == nil
            else { return }
            let missing = process.database.commitTimes.missing(after: replay, upTo: end)
            readings[member.name] = LagAlarms.Reading(
                since: missing?.oldest.map(LabTime.instant), byteCount: end - replay,
                logEnd: Int(end.rawValue))
        }
    }
}

extension Member {
    /// The end of the WAL that it has replayed; nil when it is down.
    fileprivate var replayLSN: LSN? {
        switch self {
        case .node(let node): node.process?.database.insertLSN
        case .postgres(let postgres): postgres.reported?.apply
        }
    }

    /// Its log, as far as it is durable.
    fileprivate func logExtent(_ forks: TimelineForks, at instant: LabInstant) -> LogExtent? {
        switch self {
        case .node(let node): node.process?.logExtent
        case .postgres: snapshot(under: nil, forks, at: instant).has?.log
        }
    }
}
