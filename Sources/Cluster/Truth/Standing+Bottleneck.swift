package import DatabaseNode
import LabClock
import Network
import WALFormat

/// What holds a replica up: the reason why the stage at which most of what it lacks waits is not
/// faster.
package enum Bottleneck: Hashable, Sendable {
    /// Nothing comes through its link.
    case cut
    /// The far end of its link takes nothing.
    case stalled
    /// One of the two nodes does not run.
    case frozen(String)
    /// It has no connection to its upstream, which may be down, and tries again.
    case disconnected
    /// Its upstream cannot send it what it needs.
    case refused
    /// Its upstream does not have it either.
    case upstream(String)
    /// The line takes so many bytes a second.
    case bandwidth(Int)
    /// So many bytes in a round trip, which is so many a second.
    case window(Int, roundTrip: Duration, rate: Int)
    /// The line takes what it is given; the rest is on its way, for so long.
    case distance(Duration)
    /// Its disk takes so long to make something durable.
    case fsync(Duration)
    /// Its disk takes nothing more.
    case disk
    /// Its replay takes so long.
    case replay(ReplayCost)
    /// A reader on the replica needs what replay would take away.
    case reader

    /// How long the last of what is missing travels, where that is all it waits for.
    package var travel: Duration? {
        if case .distance(let delay) = self { delay } else { nil }
    }

    /// Whether what is missing can grow or shrink for long. What is on its way is as much as is
    /// made in so long a time, and so is what waits for the next fsync, which takes all there is.
    fileprivate var hasTrend: Bool {
        switch self {
        case .distance, .fsync: false
        case .cut, .stalled, .frozen, .disconnected, .refused, .upstream, .bandwidth, .window,
            .disk, .replay, .reader:
            true
        }
    }

    /// How many bytes a second come through at most; nil: it is no matter of pace.
    package var rate: Int? {
        switch self {
        case .bandwidth(let rate), .window(_, _, let rate): rate
        case .cut, .stalled, .frozen, .disconnected, .refused, .upstream, .distance, .fsync, .disk,
            .replay, .reader:
            nil
        }
    }
}

/// How a replica that is behind comes to be so, and how it goes on.
package struct LagOutlook: Hashable, Sendable {
    /// When it comes too far behind.
    package struct Alarm: Hashable, Sendable {
        /// Zero: it has.
        package let due: Duration
        package let limit: LagAlarm.Limit
    }

    package let bottleneck: Bottleneck
    /// All that is missing is of one transaction, and more than a segment: nobody sees anything of
    /// it before the last of it is replayed.
    package let isOneTransaction: Bool
    /// How it goes; nil: no time has passed since it fell behind, or all is on its way.
    package let trend: LagHistory.Trend?
    /// When nothing is missing any more, if it goes on like that; nil: never.
    package let catchesUpIn: Duration?
    /// The first alarm, if it goes on like that; nil: none.
    package let alarm: Alarm?

    /// How much denser the log would have to be for the line to take all that is made; nil: the
    /// line is not what it waits for, or takes it all.
    package var evenCompression: Double? {
        guard let rate = bottleneck.rate, let made = trend?.made, made > Double(rate) else {
            return nil
        }
        return made / Double(rate)
    }
}

extension Standing {
    /// What holds a replica up, and how it goes on; nil: it is not behind, or stands elsewhere.
    package func outlook(of node: LabSnapshot.Node) -> LagOutlook? {
        guard let lag = lag(of: node), lag.byteCount > 0, let positions = node.positions else {
            return nil
        }
        let bottleneck = bottleneck(of: node, positions)
        let trend = bottleneck.hasTrend && lag.time != .zero ? node.past?.trend(at: now) : nil
        return LagOutlook(
            bottleneck: bottleneck,
            isOneTransaction: lag.commits <= 1 && lag.byteCount > SegmentSize.oneMebibyte.byteCount,
            trend: trend,
            catchesUpIn: bottleneck.travel ?? trend.flatMap { Self.end(of: lag, $0) },
            alarm: alarm(of: lag, trend))
    }

    /// The stage at which most of it waits: the wire, the disk, or replay.
    private func bottleneck(
        of node: LabSnapshot.Node, _ positions: NodePositions
    ) -> Bottleneck {
        let end = end?.log.end ?? positions.insert
        let toCome = max(0, end - max(positions.insert, positions.flush))
        let toFlush = max(0, positions.insert - positions.flush)
        let toReplay = max(0, positions.flush - positions.replay)
        if node.state == .frozen { return .frozen(node.name) }
        if toReplay > max(toCome, toFlush) { return .replay(node.costs.apply) }
        if toFlush > toCome {
            switch node.state {
            case .full, .failed: return .disk
            case .up, .frozen, .seeding, .crashed, .stopped: return .fsync(node.costs.fsync)
            }
        }
        return wireBottleneck(of: node, lacking: toCome)
    }

    private func wireBottleneck(of node: LabSnapshot.Node, lacking toCome: Int) -> Bottleneck {
        guard let link = node.link, let upstream = node.role.upstream.flatMap({ snapshot[$0] })
        else { return .disconnected }
        if upstream.state == .frozen { return .frozen(upstream.name) }
        if link.isCut { return .cut }
        if link.wal.faults.isStalled || link.feedback.faults.isStalled { return .stalled }
        switch node.reception {
        case .stopped: return .refused
        case .connecting, .waiting: return node.refusal == nil ? .disconnected : .refused
        case .streaming, nil: break
        }
        switch node.state {
        case .full, .failed: return .disk
        case .up, .frozen, .seeding, .crashed, .stopped: break
        }
        let behindUpstream =
            (end?.log.end ?? .invalid)
            - min(
                end?.log.end ?? .invalid, upstream.has?.log.end ?? .invalid)
        if upstream.isStandby, behindUpstream * 2 > toCome { return .upstream(upstream.name) }
        return link.bottleneck
    }

    private static func end(of lag: Lag, _ trend: LagHistory.Trend) -> Duration? {
        guard trend.growth < 0, !trend.isSteady else { return nil }
        return duration(ofSeconds: Double(lag.byteCount) / -trend.growth)
    }

    /// Nil: longer than anybody waits.
    private static func duration(ofSeconds seconds: Double) -> Duration? {
        seconds < 366 * 86_400 ? .seconds(seconds) : nil
    }

    private func alarm(of lag: Lag, _ trend: LagHistory.Trend?) -> LagOutlook.Alarm? {
        [timeAlarm(of: lag, trend), byteAlarm(of: lag, trend)].compactMap(\.self)
            .min { $0.due < $1.due }
    }

    /// The oldest missing commit grows older with the time, but for what replay gains: commits that
    /// were made within a second, in less.
    private func timeAlarm(of lag: Lag, _ trend: LagHistory.Trend?) -> LagOutlook.Alarm? {
        let limit = snapshot.lagLimits.time
        guard limit > .zero, lag.commits > 0, let age = lag.time else { return nil }
        guard age < limit else { return LagOutlook.Alarm(due: .zero, limit: .time(limit)) }
        guard let trend, trend.growth > 0 || trend.replayed < 0.5 else { return nil }
        let pace = trend.made > 0.5 ? 1 - max(0, trend.replayed) / trend.made : 1
        guard pace > 0, let due = Self.duration(ofSeconds: (limit - age) / .seconds(1) / pace)
        else { return nil }
        return LagOutlook.Alarm(due: due, limit: .time(limit))
    }

    private func byteAlarm(of lag: Lag, _ trend: LagHistory.Trend?) -> LagOutlook.Alarm? {
        let limit = snapshot.lagLimits.byteCount
        guard limit > 0 else { return nil }
        let left = limit - lag.byteCount
        guard left > 0 else { return LagOutlook.Alarm(due: .zero, limit: .bytes(limit)) }
        guard let trend, trend.growth > 0, !trend.isSteady,
            let due = Self.duration(ofSeconds: Double(left) / trend.growth)
        else { return nil }
        return LagOutlook.Alarm(due: due, limit: .bytes(limit))
    }
}

extension LabSnapshot.Link {
    /// Why what is on it is not through: where it waits the line is too narrow, by its bandwidth or
    /// by its window, whichever takes less.
    fileprivate var bottleneck: Bottleneck {
        guard wal.load.waiting + wal.load.unsent > 0 else { return .distance(delay) }
        let line = wal.faults.bandwidth.map(Bottleneck.bandwidth)
        let both = [line, windowBottleneck].compactMap(\.self)
        return both.min { ($0.rate ?? .max) < ($1.rate ?? .max) } ?? .distance(delay)
    }

    private var windowBottleneck: Bottleneck? {
        let roundTrip = wal.faults.delay + feedback.faults.delay
        guard let window = wal.faults.window, roundTrip > .zero else { return nil }
        let rate = (Double(window) / (roundTrip / .seconds(1))).rounded()
        return .window(window, roundTrip: roundTrip, rate: Int(min(rate, 1e15)))
    }
}
