internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import LabClock
internal import Storage
internal import WALFormat
internal import WireProtocol

/// Why a command did not work in this lab at this moment, and what to type instead: the words that
/// do for most commands. One that needs others has them in its own file, and finds the pieces here.
struct FailureText {
    let standing: Standing
    let memory: Memory
    /// The command's first word.
    let verb: String

    init(_ standing: Standing, _ memory: Memory, verb: String) {
        self.standing = standing
        self.memory = memory
        self.verb = verb
    }

    /// One line for what is wrong, one for what to type.
    func failure(_ failure: LabFailure) -> Failure {
        switch failure {
        case .noSuchNode(let name):
            Failure("there is no node \(Words.quoted(name))", advice: "status")
        case .isDown(let name, let state): isDown(name, state)
        case .isFrozen, .isNotFrozen, .silent, .isUp: aboutRunning(failure)
        case .isPrimary(let name): hasNoLink(name)
        case .isReplica(let name): isReplica(name)
        case .noSuchPosition(let name, let lsn): noSuchPosition(name, lsn)
        case .noSuchPage(let name, let block, let count): noSuchPage(name, block, count)
        case .diskKeepsEverything(let name):
            Failure(
                "\(name)'s disk is a directory of this machine, which keeps every write",
                advice: "a lab started with 'shiplog --memory', whose disks forget")
        case .transactionIsOpen(let node):
            Failure(
                "a transaction is open on \(node) already", advice: "commit, or rollback")
        case .noTransaction: Failure("no transaction is open", advice: "begin")
        case .commitIsWatched, .noCommitIsWatched: aboutWatching(failure)
        case .upstreamIsDown(let replica, let upstream, let state):
            upstreamIsDown(replica, upstream, Words.down(state) ?? "failed")
        case .isConnected(let replica): isConnected(replica)
        case .wouldFollowItself(let replica, let chain): wouldFollowItself(replica, chain)
        case .followsAlready(let replica, let upstream): followsAlready(replica, upstream)
        case .cannotFollow(let replica, let upstream, let refusal):
            cannotFollow(replica, upstream, refusal)
        case .refused(let replica, let upstream, let error): refused(replica, upstream, error)
        case .noSuchSlot(let name, let node): noSuchSlot(name, node)
        case .isCut(let replica):
            Failure("the link to \(replica) is cut already", advice: "heal \(replica)")
        case .monitor(let failure): monitor(failure)
        case .clients(let failure): clients(failure)
        case .failover(let failure): failover(failure)
        case .fence(let failure): fence(failure)
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
        case .rewind(let name, let source, let failure): rewind(name, source, failure)
        case .wouldDiscard(let name, let records): wouldDiscard(name, records)
        case .promotionFailed(let node, let failure): promotionFailed(node, failure)
        case .interrupted: Failure("interrupted at \(standing.snapshot.time.text)")
        case .disk(let node, let failure):
            Failure(
                "the disk of \(node) failed: \(failure.description.escapedForDisplay)",
                advice: failure.isLackOfRoom
                    ? "disk \(node) ok" : "crash \(node); restart \(node)")
        case .cannotOpen(let node, let reason):
            cannotOpen(node, reason, "\(node)'s files cannot be read")
        case .directory(_, let reason):
            Failure("a file cannot be used: \(reason.escapedForDisplay)", advice: "status")
        case .notFromPostgres, .isAttached, .isDetached, .isPostgres, .postgresDoesNotFollow:
            aboutAttaching(failure)
        case .notALab, .isInUse, .otherSettings, .damagedLab, .tooManyReplicas,
            .tooFewDescriptors, .tooFewThreads, .noThread, .cannotListen, .noPrograms, .program,
            .needsSecurity,
            .unusableTLSFile:
            StartFailure.failure(failure)
        }
    }

    private func noSuchPosition(_ name: String, _ lsn: LSN) -> Failure {
        Failure(
            "no record of \(name)'s log holds \(lsn)",
            advice: "wal \(name), to see what its log holds")
    }

    /// A node's process that runs and should not, or the other way round.
    private func aboutRunning(_ failure: LabFailure) -> Failure {
        switch failure {
        case .isUp(let name):
            return Failure("\(name) is up already", advice: "crash \(name), or stop \(name)")
        case .isFrozen(let name):
            return Failure(
                "\(name) is frozen: its process does not run",
                advice: "thaw \(name), or crash \(name)")
        case .isNotFrozen(let name):
            return Failure("\(name) is not frozen", advice: "freeze \(name), or status")
        case .silent(let node, let bound):
            return Failure(
                "\(node) has not answered for \(bound.text): what it was asked may still happen",
                advice: "thaw \(node), or crash \(node)")
        default: return StartFailure.failure(failure)
        }
    }

    private func isReplica(_ name: String) -> Failure {
        Failure(
            "\(name) is a replica: it replays what \(standing.upstream(of: name)) does",
            advice: verb)
    }

    /// A crash that waits for a commit, or none.
    private func aboutWatching(_ failure: LabFailure) -> Failure {
        guard case .commitIsWatched(let name) = failure else {
            return Failure("no crash waits for a commit", advice: "crash primary after=ack")
        }
        return Failure(
            "a commit of \(name) is watched already, by step or for a crash",
            advice: "crash \(name) after=never, which ends that")
    }

    /// A node that should be up. `consequence` is a clause of its own.
    func isDown(
        _ name: String, _ state: NodeState, _ consequence: String = "",
        advice: String? = nil
    ) -> Failure {
        Failure(
            "\(name) is down (\(Words.down(state) ?? "failed"))\(consequence)",
            advice: advice ?? "restart \(name)")
    }

    /// A primary, of which a command wanted the link to its upstream; `retyped` is what follows the
    /// replica in the command.
    func hasNoLink(_ name: String, retyped: String = "") -> Failure {
        Failure(
            "\(name) is a primary; \(verb) is about a replica's link",
            advice: replica.map { "\(verb) \($0)\(retyped)" } ?? "status")
    }

    /// For the commands that take nodes down; nil for what is not about that.
    func onShutdown(_ failure: LabFailure) -> Failure? {
        guard case .isDown(let name, let state) = failure else { return nil }
        return Failure(
            "\(name) is down already (\(Words.down(state) ?? "failed"))", advice: "restart \(name)")
    }

    /// For the commands that need a primary; nil for what is not about that. `retyped` is the
    /// command as it should have been typed for it.
    func onWrite(_ failure: LabFailure, retyped: String? = nil) -> Failure? {
        if case .isDown(let name, let state) = failure {
            guard name == standing.snapshot.primary else { return isDown(name, state) }
            let promote = heir(besides: name).map { "promote \($0), or restart \(name)" }
            return isDown(name, state, ", so nobody takes writes", advice: promote)
        }
        if case .server(let node, let error) = failure, error.code == .readOnlySQLTransaction {
            return server(node, error, refusal: takesNoWrites(node, retyped: retyped))
        }
        return nil
    }

    /// The running replica whose promotion would lose least.
    func heir(besides name: String) -> String? {
        standing.candidates.filter { $0.name != name }
            .min { ($0.cost ?? .max) < ($1.cost ?? .max) }?.name
    }

    /// A replica to name in an example, one that runs if there is one.
    var replica: String? {
        (standing.replicas.first(where: \.isRunning) ?? standing.replicas.first)?.name
    }

    /// A running node that can be read from, a replica first.
    var readable: String? {
        (standing.replicas.first(where: \.isRunning)
            ?? standing.snapshot.nodes.first(where: \.isRunning))?.name
    }
}
