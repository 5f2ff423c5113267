import DatabaseNode
import LabClock
import Network

/// Makes waiting cheap: a lab that is left alone only goes round. A stream with nothing to ship
/// exchanges heartbeats, a replica that is cut off tries and fails; a while later all stands as it
/// stood, only later. Such rounds are left out: the stream is moved on to where the last of them
/// would have left it, with every time and every number that anybody can see.
///
/// One stream is a standby, its link, and its upstream's end; it has a round of its own. Streams do
/// not touch each other as long as nothing is written, and nothing is: what else is due in the lab,
/// which may well write something, bounds what is left out.
///
/// - Nothing is left out before every stream has been seen to go round.
/// - A round in which there was something to tell is gone through.
/// - The monitor's checks are left out too, as long as each would be answered like the one before.
/// - What is on a slow wire is moved on with the rest, and says what its senders knew a few rounds
///   ago: so the last rounds are gone through, until all of that has come out.
/// - One wait, one of these. Touched on the lab's loop only.
final class Rounds {
    /// A stream, apart from time.
    private struct Standing: Hashable {
        let standby: Standby.Standing
        let node: NodeMoment
        let upstream: NodeMoment?
        let link: Link.Standing
        let senders: [SenderMoment]
    }

    /// What only grows.
    private struct Tally {
        let link: Link.Tally
        let receivedBytes: Int
    }

    private typealias Memory = RoundMemory<Standing, Tally>

    private let cluster: Cluster
    private var memories: [String: Memory] = [:]
    /// What is due next besides the streams: a bound to what was seen of them, too.
    private var foreign: LabInstant?

    init(_ cluster: Cluster) {
        self.cluster = cluster
    }

    private var stepper: Stepper { cluster.lab.stepper }

    /// At a stillness on the way to `goal`: moves on what may be moved on, and says how far.
    func pass(goal: LabInstant) -> LabInstant {
        let streams = cluster.nodes.compactMap(Stream.init)
        let timers = streams.map { ($0.name, $0.timers(cluster)) }
        let idle = cluster.monitor.idleTimer.map { [$0] } ?? []
        let next = stepper.nextInstant(besides: Set(timers.flatMap(\.1) + idle))
        if next != foreign {
            memories = [:]
            foreign = next
        }
        let limit = next.map { min(goal, LabInstant(nanoseconds: $0.nanoseconds - 1)) } ?? goal
        let unknown = Set(timers.filter { !$0.1.isEmpty }.map(\.0)).filter { !goesRound($0) }
        let checked = unknown.isEmpty ? cluster.monitor.leaveOut(until: limit) : stepper.now
        return streams.filter(\.standby.isActive).reduce(checked) { ahead, stream in
            guard let round = round(of: stream), unknown.subtracting([stream.name]).isEmpty
            else { return ahead }
            return max(ahead, leaveOut(round, of: stream, until: limit))
        }
    }

    private func goesRound(_ name: String) -> Bool { memories[name]?.hasComeRound ?? false }

    /// The step with which the round began that a stream has just ended.
    private func round(of stream: Stream) -> Memory.Moment? {
        let memory = memories[stream.name, default: Memory(at: stepper.now)]
        memories[stream.name] = memory
        guard let standing = standing(of: stream, since: memory.began) else { return nil }
        let moment = Memory.Moment(standing, stream.tally, at: stepper.now)
        return memories[stream.name]?.came(moment)
    }

    private func standing(of stream: Stream, since start: LabInstant) -> Standing? {
        guard let standby = stream.standby.standing(since: start), let node = stream.process.moment,
            let link = stream.link.standing
        else { return nil }
        let upstream = cluster.node(up: stream.upstream)
        let senders =
            upstream.map {
                $0.senderMoments(for: stream.name, over: stream.link, since: start)
            } ?? []
        if let upstream, upstream.moment == nil { return nil }
        return senders.map {
            Standing(
                standby: standby, node: node, upstream: upstream?.moment, link: link,
                senders: $0)
        }
    }

    /// Moves a stream on by as many whole rounds as there is room for.
    private func leaveOut(
        _ start: Memory.Moment, of stream: Stream, until limit: LabInstant
    ) -> LabInstant {
        let now = stepper.now
        let period = now.since(start.instant).wholeNanoseconds
        let wire = stream.link.lastDue.map { $0.since(now).wholeNanoseconds + 2 * period } ?? 0
        let room = limit.since(now).wholeNanoseconds - wire
        let count = period > 0 ? room / period : 0
        // PostgreSQL's times are whole microseconds.
        guard count > 0, period % 1_000 == 0, let began = memories[stream.name]?.began,
            !cluster.hasToldSince(start.instant, of: stream.name)
        else { return now }
        let span = Duration.nanoseconds(count * period)
        let tally = stream.link.tally.since(start.tally.link).times(Int(count))
        let receivedBytes = stream.standby.receivedBytes - start.tally.receivedBytes
        stream.standby.leftOut(receivedBytes: receivedBytes * Int(count))
        stream.standby.postpone(by: span, since: began)
        stream.link.postpone(by: span)
        stream.link.leftOut(tally)
        let upstream = cluster.node(up: stream.upstream)
        upstream?.postponeSenders(for: stream.name, over: stream.link, by: span, since: began)
        upstream?.leftOut(connections: tally.carried)
        memories[stream.name]?.forgetMoments()
        return now.advanced(by: span)
    }
}

extension Rounds {
    /// A standby and its wire.
    private struct Stream {
        let name: String
        let process: NodeProcess
        let standby: Standby
        let link: Link
        let upstream: String

        init?(_ node: Node) {
            guard !node.isFrozen, let process = node.process, let standby = process.standby,
                let link = node.link,
                let upstream = node.role.upstream
            else { return nil }
            name = node.name
            self.process = process
            self.standby = standby
            self.link = link
            self.upstream = upstream
        }

        var tally: Tally { Tally(link: link.tally, receivedBytes: standby.receivedBytes) }

        func timers(_ cluster: Cluster) -> [TimerQueue<() -> Void>.Token] {
            let senders = cluster.node(up: upstream)?.senderTimers(for: name, over: link) ?? []
            return senders + link.timers + (standby.timer.map { [$0] } ?? [])
        }
    }
}

extension Cluster {
    /// Whether there was anything to tell of a replica's stream after an instant.
    fileprivate func hasToldSince(_ instant: LabInstant, of replica: String) -> Bool {
        let upstream = (try? node(replica))?.role.upstream
        return events.reversed().prefix { $0.time > instant }
            .contains { $0.node == replica || $0.node == upstream }
    }
}
