package import DatabaseNode
import LabClock
import Network
import Replication
import Storage
import WALFormat

// Base backups: a replica's directory filled anew from another node, over the replica's own wire.
extension Lab {
    /// Takes everything out of a replica's directory and fills it with a base backup of `source`,
    /// which it follows from then on. A replica that runs is stopped; so is a primary whose time is
    /// over, which becomes a standby. PostgreSQL: `pg_basebackup -R`, then a start.
    ///
    /// - Parameters:
    ///   - source: nil: the primary.
    ///   - rate: the source is asked to send no more than so many kB a second of lab time.
    package func baseBackup(
        of replica: String, from source: String? = nil, rate: Int? = nil
    ) throws(LabFailure) -> BackupReport {
        let seeding = try beginBaseBackup(of: replica, from: source, rate: rate)
        try wait(for: seeding)
        _ = run { cluster in
            cluster.node(up: replica)?.standby?.receiver.isStreaming ?? true
                || cluster.hasGivenUp(replica)
        }
        guard let outcome = onLoop({ cluster in cluster.baseBackups.outcomes[replica] }) else {
            throw .interrupted
        }
        return try outcome.get().waited(until: now)
    }

    /// The same, and does not wait for its end: an event will tell of that.
    package func startBaseBackup(
        of replica: String, from source: String? = nil, rate: Int? = nil
    ) throws(LabFailure) -> SeedingProgress {
        _ = try beginBaseBackup(of: replica, from: source, rate: rate)
        settle()
        return try onLoop { cluster throws(LabFailure) in
            if let seeding = try cluster.node(replica).seeding { return seeding.progress }
            if case .failure(let failure) = cluster.baseBackups.outcomes[replica] { throw failure }
            return SeedingProgress(
                source: cluster.upstream(of: replica) ?? "", receivedByteCount: 0,
                expectedByteCount: nil)
        }
    }

    private func beginBaseBackup(
        of replica: String, from source: String?, rate: Int?
    ) throws(LabFailure) -> String {
        try onLoop { cluster throws(LabFailure) in
            try cluster.checkMaySeed(replica, from: source ?? cluster.primary.name)
            try cluster.beginSeeding(replica, from: source ?? cluster.primary.name, rate: rate)
        }
        return replica
    }

    /// Runs the clock as long as bytes come; the receiver's own timeout ends a silence.
    func wait(for replica: String) throws(LabFailure) {
        var received = -1
        while true {
            let end = run { cluster in cluster.seeding(replica) == nil }
            let progress = onLoop { cluster in cluster.seeding(replica)?.progress }
            guard let progress else { return }
            if end != .interrupted, progress.receivedByteCount > received {
                received = progress.receivedByteCount
                continue
            }
            onLoop { cluster in cluster.seeding(replica)?.cancel() }
            settle()
            if end == .interrupted { throw .interrupted }
            throw .tookTooLong(what: "the base backup of \(replica)", bound: Self.patience)
        }
    }
}

extension Cluster {
    func seeding(_ name: String) -> Seeding? {
        if name == postgresName { return postgresBackup?.seeding }
        return nodes.first { $0.name == name }?.seeding
    }

    func upstream(of name: String) -> String? { (try? member(name))?.upstream }

    /// Whether a node's directory may be filled anew from another.
    func checkMaySeed(_ name: String, from source: String) throws(LabFailure) {
        let node = try node(name)
        let origin = try self.node(source)
        if let seeding = node.seeding { throw .isSeeding(name, source: seeding.place.source) }
        guard node !== primary else { throw .isPrimary(name) }
        guard name != source else { throw .isOwnSource(name) }
        try node.checkHasPower()
        guard origin.process != nil else { throw .isDown(source, origin.state) }
        for known in [node, origin] where known.isFrozen { throw .isFrozen(known.name) }
        var above = source
        while let next = upstream(of: above) {
            if next == name { throw .followsItself(replica: name, source: source) }
            above = next
        }
    }

    /// Whoever runs on the directory is stopped; then the backup begins, over the replica's wire.
    func beginSeeding(_ name: String, from source: String, rate: Int?) throws(LabFailure) {
        let node = try node(name)
        let former = node.upstream
        baseBackups.outcomes[name] = nil
        let thread = try WorkThread.begun()
        let link: Link
        do throws(ListenFailure) {
            link = try wire(node, to: source)
        } catch {
            thread.shutdown()
            throw .cannotListen(node: name, reason: error.description)
        }
        let place = Seeding.Place(node: name, source: source, storage: node.storage) { link.port }
        let seeding = Seeding(
            place, on: thread, rate: rate, timeout: settings.receiver.timeout, lab: lab
        ) { [weak self] end in
            self?.seedingEnded(name, end, former: former)
        }
        node.beginSeeding(seeding)
        seeding.start()
    }

    private func seedingEnded(_ name: String, _ end: Seeding.End, former: String?) {
        guard let node = try? node(name), let seeding = node.seeding else { return }
        node.endSeeding(isTouched: end.isTouched)
        let outcome = outcome(node, seeding, end, former: former)
        baseBackups.outcomes[name] = outcome
        switch outcome {
        case .success(let report):
            tell(of: name, .complete(report), at: report.summary.end)
        case .failure(let failure):
            tell(of: name, .failed(failure), at: .invalid)
        }
    }

    private func outcome(
        _ node: Node, _ seeding: Seeding, _ end: Seeding.End, former: String?
    ) -> Result<BackupReport, LabFailure> {
        switch end {
        case .complete(let summary, let opened):
            do throws(LabFailure) {
                try start(node.name, opened)
            } catch {
                return .failure(error)
            }
            return .success(
                BackupReport(
                    replica: node.name, source: seeding.place.source, summary: summary,
                    recovery: opened.recovered.report, beganAt: seeding.beganAt,
                    took: now.since(seeding.beganAt)))
        case .received:
            preconditionFailure("a node's backup was not opened")
        case .unusable(let failure):
            return .failure(.cannotOpen(node: node.name, failure))
        case .failed(let failure, let isTouched):
            // What was not touched is what it was.
            if !isTouched { restore(node, former) }
            return .failure(
                .backupFailed(
                    replica: node.name, source: seeding.place.source, failure,
                    directoryIsTouched: isTouched))
        }
    }

    private func restore(_ node: Node, _ former: String?) {
        node.upstream = former
        if node.role == .primary { node.closeLink() }
    }
}

extension Seeding.End {
    /// Whether what was in the directory before is gone.
    fileprivate var isTouched: Bool {
        switch self {
        case .complete, .received, .unusable: true
        case .failed(_, let isTouched): isTouched
        }
    }
}
