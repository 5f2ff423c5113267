import DatabaseNode
import LabClock
import Network
import Programs
import Replication
package import SQLServer
import Storage
import WALFormat
import WireProtocol

// What is to be seen.
extension Cluster {
    var snapshot: LabSnapshot {
        let seen = members.map { member in
            var seen = member.snapshot(
                under: member.upstream.flatMap(node(up:)), timelines.forks, at: now)
            seen.zombieCount = ledger.zombieCounts[member.name] ?? 0
            seen.past = lagWatch.histories[member.name]
            // It goes on as soon as the walk does, or ends.
            if seen.state == .frozen, isOnCommitWalk(member.name) { seen.state = .up }
            return seen
        }
        return LabSnapshot(
            time: now, primary: primary.name, openTransaction: openTransaction?.node,
            members: withTrails(seen), lagLimits: lagWatch.limits)
    }

    var standing: Standing { Standing(snapshot, timelines.forks) }
}

extension Cluster {
    /// What the nodes are configured with. What stands in the log is the primary's; while that is
    /// down, any other node has it from there.
    fileprivate var configuration: NodeConfiguration {
        let database = (primary.process ?? nodes.compactMap(\.process).first)?.database
        return settings.configuration(
            segmentSize: database?.segmentSize ?? .oneMebibyte,
            fullPageWrites: database?.fullPageWrites ?? true, isInRecovery: false,
            primarySlotName: nil)
    }
}

extension Node {
    func snapshot(at instant: LabInstant) -> LabSnapshot.Node {
        LabSnapshot.Node(
            kind: .node, name: name, role: role, state: state, positions: process?.positions,
            reception: process?.standby?.reception,
            link: link.map { LabSnapshot.Link($0, at: instant) },
            slot: role == .primary ? nil : slotName, region: region, costs: costs,
            readers: process?.readers, replayHold: process?.replayHold, room: process?.room,
            refusal: process?.standby?.lastRefusal,
            senders: process?.senderViews ?? [],
            receivedCommits: process?.receivedCommitCount, fencing: fencing(at: instant),
            has: seen?.holding)
    }
}

extension LastSeen {
    var holding: LabSnapshot.Holding? {
        log.map { LabSnapshot.Holding(log: $0, commits: commits) }
    }
}

extension Lab {
    /// The lab as it is now.
    package func snapshot() -> LabSnapshot { onLoop { cluster in cluster.snapshot } }

    /// Where programs connect to. The only thing the lab says that differs between two runs.
    package func addresses() -> [(node: String, host: String, port: Int?)] {
        onLoop { cluster in
            cluster.members.compactMap { member in
                // A node keeps its port while it is down; a PostgreSQL that has ended is gone.
                if case .postgres = member, !member.isRunning { return nil }
                return (member.name, "127.0.0.1", member.openPort)
            }
        }
    }

    /// The settings, under PostgreSQL's names where it has them.
    package func settings() -> [LabSetting] {
        let (configuration, method, password) = onLoop { cluster in
            (cluster.configuration, cluster.settings.authentication.method, cluster.password)
        }
        let limits = lagLimits
        let scope = Setting.Scope(node: configuration)
        let entrance = [
            LabSetting(
                LabSetting.authenticationName, method.rawValue,
                "how outside programs show who they are: trust, or scram with a password"),
            LabSetting(
                LabSetting.passwordName, password == nil ? "none" : LabSetting.hiddenPassword,
                "the password of outside programs; connect shows it"),
        ]
        return [
            LabSetting("seed", "\(seed)", "decides the system identifier and every random draw"),
            LabSetting("replicas", "\(nodeNames.count - 1)", "replicas the lab started with"),
        ]
            + SettingTable.durability.map { LabSetting($0, in: scope) } + entrance
            + [
                LabSetting(
                    LabSetting.lagAlarmTimeName,
                    DurationSetting.text(limits.time),
                    "a replica that misses commits older than this is an alarm; 0: none"),
                LabSetting(
                    LabSetting.lagAlarmBytesName, limits.byteText,
                    "a replica that misses more WAL than this is an alarm; 0: none"),
                LabSetting(
                    LabSetting.heartbeatIntervalName, DurationSetting.text(heartbeatInterval),
                    "the row 'heartbeat' is written on the primary so often; 0: never"),
            ]
            + (SettingTable.readers + SettingTable.durations + SettingTable.sizes).map {
                LabSetting($0, in: scope)
            }
    }

    /// Changes how much WAL the nodes keep, on all of them, from the next checkpoint on; in
    /// megabytes.
    package func set(_ setting: SizeSetting, to megabytes: Int) {
        onLoop { cluster in cluster.settings[setting] = max(megabytes, setting.least) }
        settle()
    }

    /// Whether replicas tell what their readers need, from now on.
    package func setHotStandbyFeedback(_ isOn: Bool) {
        onLoop { cluster in cluster.settings.receiver.sendsFeedback = isOn }
        settle()
    }

    /// Changes how long the nodes wait for each other, on all of them, from now on.
    package func set(_ setting: DurationSetting, to duration: Duration) {
        onLoop { cluster in cluster.settings[setting] = setting.nearest(to: duration) }
        settle()
    }
}

/// One setting, for people to read.
package struct LabSetting: Hashable, Sendable {
    /// `auth`
    package static let authenticationName = "auth"
    package static let lagAlarmTimeName = "lag_alarm_time"
    package static let lagAlarmBytesName = "lag_alarm_bytes"
    package static let heartbeatIntervalName = "heartbeat_interval"
    package static let passwordName = "password"
    /// What is shown of a password, as PostgreSQL does in `pg_roles`.
    package static let hiddenPassword = "********"

    package let name: String
    /// Its value with its unit.
    package let value: String
    /// What it does, in one clause.
    package let explanation: String
    /// What it counts, and from where to where; nil: its value is none to count.
    package let limits: SettingLimits?

    init(
        _ name: String, _ value: String, _ explanation: String, limits: SettingLimits? = nil
    ) {
        self.name = name
        self.value = value
        self.explanation = explanation
        self.limits = limits
    }

    fileprivate init(_ setting: Setting, in scope: Setting.Scope) {
        self.init(
            setting.name, setting.value(in: scope).text, setting.meaning, limits: setting.limits)
    }
}

extension LabSnapshot.Link {
    /// The wire as it is.
    init(_ link: Link, at instant: LabInstant) {
        self.init(at: instant)
        wal = Way(link, .wal)
        feedback = Way(link, .feedback)
    }
}

extension LabSnapshot.Link.Way {
    fileprivate init(_ link: Link, _ way: WireWay) {
        self.init()
        faults = link.faults(way.ofLink)
        load = link.load(way.ofLink)
    }
}

extension LagLimits {
    /// The bytes as PostgreSQL shows a size.
    fileprivate var byteText: String {
        if byteCount.isMultiple(of: 1 << 20) { return SizeSetting.text(byteCount >> 20) }
        return byteCount.isMultiple(of: 1 << 10) ? "\(byteCount >> 10)kB" : "\(byteCount)B"
    }
}
