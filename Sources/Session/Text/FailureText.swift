internal import Cluster
internal import CommandLanguage
internal import LabClock
internal import Storage
internal import WALFormat
internal import WireProtocol

/// Why a command did not work in this lab at this moment, and what to type instead.
struct FailureText {
    let standing: Standing
    let memory: Memory
    let command: Command

    init(_ standing: Standing, _ memory: Memory, _ command: Command) {
        self.standing = standing
        self.memory = memory
        self.command = command
    }

    /// One line for what is wrong, one for what to type.
    func failure(_ failure: LabFailure) -> Failure {
        switch failure {
        case .noSuchNode(let name):
            Failure("there is no node \(Words.quoted(name))", advice: "status")
        case .isDown(let name, let state): isDown(name, Words.down(state) ?? "failed")
        case .isUp(let name): isUp(name)
        case .isPrimary(let name): isPrimary(name)
        case .isReplica(let name):
            Failure(
                "\(name) is a replica: it replays what \(standing.upstream(of: name)) does",
                advice: command.verb.rawValue)
        case .noSuchPosition(let name, let lsn):
            Failure(
                "no record of \(name)'s log holds \(lsn)",
                advice: "wal \(name), to see what its log holds")
        case .noSuchPage(let name, let block, let count): noSuchPage(name, block, count)
        case .diskKeepsEverything(let name):
            Failure(
                "\(name)'s disk is a directory of this machine, which keeps every write",
                advice: "a lab started with 'shiplog --memory', whose disks forget")
        case .transactionIsOpen(let node): transactionIsOpen(node)
        case .noTransaction: Failure("no transaction is open", advice: "begin")
        case .upstreamIsDown(let replica, let upstream, let state):
            upstreamIsDown(replica, upstream, Words.down(state) ?? "failed")
        case .isConnected(let replica): isConnected(replica)
        case .wouldFollowItself(let replica, let chain): wouldFollowItself(replica, chain)
        case .followsAlready(let replica, let upstream): followsAlready(replica, upstream)
        case .noSuchSlot(let name, let node): noSuchSlot(name, node)
        case .isCut(let replica):
            Failure("the link to \(replica) is cut already", advice: "heal \(replica)")
        case .tookTooLong(let what, let bound):
            Failure(
                "\(what.escapedForDisplay) did not end within \(bound.text) of lab time",
                advice: "status")
        case .server(let node, let error): server(node, error)
        case .noAnswer(let node):
            Failure(
                "\(node) went away before it answered: nobody knows if the write counts",
                advice: "status, then look for the key with get")
        case .isSeeding(let name, let source): isSeeding(name, source)
        case .isOwnSource(let name): isOwnSource(name)
        case .followsItself(let replica, let source): followsItself(replica, source)
        case .backupFailed(let replica, let source, let reason, let isTouched):
            backupFailed(replica, source, reason, isTouched)
        case .promotionFailed(let node, let failure): promotionFailed(node, failure)
        case .interrupted: Failure("interrupted at \(standing.snapshot.time.text)")
        case .disk(let node, let failure):
            Failure(
                "the disk of \(node) failed: \(failure.description.escapedForDisplay)",
                advice: failure.isLackOfRoom
                    ? "disk \(node) ok" : "crash \(node); restart \(node)")
        case .cannotOpen(let node, let reason): cannotOpen(node, reason)
        case .directory(_, let reason): directory(reason)
        case .notFromPostgres, .isAttached, .isDetached, .isForeign, .foreignDoesNotFollow:
            aboutAttaching(failure)
        case .notALab, .otherSettings, .tooManyReplicas, .cannotListen, .noPrograms, .program,
            .needsSecurity, .unusableTLSFile:
            StartFailure.failure(failure)
        }
    }

    /// The same for a load that did not come to its end.
    func failure(_ failure: LabFailure, after report: LoadReport) -> Failure {
        let inner = self.failure(failure)
        let done =
            "\(report.acknowledged) of \(Words.commits(command.loadCount ?? report.asked)) "
            + "acknowledged"
        return Failure("\(inner.message): \(done)", advice: inner.advice ?? "status")
    }

    private func isDown(_ name: String, _ state: String) -> Failure {
        let isDown = "\(name) is down (\(state))"
        let restart = "restart \(name)"
        switch command {
        case .crash, .stop:
            return Failure("\(name) is down already (\(state))", advice: restart)
        case .promote:
            return Failure(
                "\(isDown), so it cannot be promoted",
                advice: heir(besides: name).map { "promote \($0)" } ?? restart)
        case .get(_, let key):
            let other =
                standing.replicas.first(where: \.isRunning)
                ?? standing.snapshot.nodes.first(where: \.isRunning)
            return Failure(
                isDown,
                advice: other.map { "get \($0.name) \(Words.quoted(key, limit: .max))" } ?? restart)
        case .basebackup(let request):
            let target = standing.name(request.replica)
            return Failure(isDown, advice: seedFrom(besides: name, target))
        case .set, .delete, .load, .begin, .configSet:
            let isHeadless = name == standing.snapshot.primary
            let heir = isHeadless ? heir(besides: name) : nil
            return Failure(
                isDown + (isHeadless ? ", so nobody takes writes" : ""),
                advice: heir.map { "promote \($0), or \(restart)" } ?? restart)
        case .commit, .rollback, .status, .wal, .page, .diff, .lag, .lagSet, .partition, .heal,
            .reconnect, .slots, .slotCreate, .slotDrop, .slotUse, .follow, .attach, .detach,
            .restart,
            .checkpoint,
            .vacuum, .disk, .damage, .lost, .wait, .config,
            .connect, .tail, .help, .quit:
            return Failure(isDown, advice: restart)
        }
    }

    private func isUp(_ name: String) -> Failure {
        if case .damage = command {
            return Failure(
                "\(name) is up; only files of a node that is down can be damaged",
                advice: "crash \(name)")
        }
        return Failure("\(name) is up already", advice: "crash \(name), or stop \(name)")
    }

    private func isPrimary(_ name: String) -> Failure {
        let isPresent = name == standing.snapshot.primary
        if case .basebackup = command { return mayNotBeWiped(name) }
        if case .promote = command {
            let what =
                isPresent
                ? "\(name) is the primary already"
                : "\(name) is a primary already, of an older timeline"
            return Failure(what, advice: replica.map { "promote \($0)" } ?? "status")
        }
        let verb = command.verb.rawValue
        if case .follow = command {
            return Failure(
                "\(name) is a primary, and follows nobody",
                advice: replica.map { "follow \($0) \(name)" } ?? "status")
        }
        if case .slotUse(let slot, _) = command {
            return Failure(
                "\(name) is a primary, and uses nobody's slot",
                advice: replica.map { "slot use \(slot ?? "none") \($0)" } ?? "status")
        }
        let delay =
            if case .lagSet(_, let delay) = command { " \(delay.duration.text)" } else { "" }
        return Failure(
            "\(name) is a primary; \(verb) is about a replica's link",
            advice: replica.map { "\(verb) \($0)\(delay)" } ?? "status")
    }

    /// The running replica whose promotion would lose least.
    func heir(besides name: String) -> String? {
        standing.candidates.filter { $0.name != name }
            .min { ($0.cost ?? .max) < ($1.cost ?? .max) }?.name
    }

    private var replica: String? {
        (standing.replicas.first(where: \.isRunning) ?? standing.replicas.first)?.name
    }
}

extension Command {
    fileprivate var loadCount: Int? {
        if case .load(let count, _, _, _) = self { count } else { nil }
    }
}
