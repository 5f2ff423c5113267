import Replication
import Storage
import WALFormat
import WireProtocol

// What is wrong in one plain line, for who has no session that says it better.
extension LabFailure {
    package var description: String {
        switch self {
        case .noSuchNode(let name): "there is no node \(name)"
        case .isDown(let name, _): "\(name) is down"
        case .isUp(let name): "\(name) is up"
        case .isFrozen(let name): "\(name) is frozen"
        case .isNotFrozen(let name): "\(name) is not frozen"
        case .silent(let node, let bound): "\(node) has not answered within \(bound)"
        case .isPrimary(let name): "\(name) is the primary"
        case .isReplica(let name): "\(name) is a replica"
        case .noSuchPosition(let node, let lsn): "\(node) has no record at \(lsn)"
        case .upstreamIsDown(let replica, let upstream, _):
            "\(upstream), which \(replica) follows, is down"
        case .isConnected(let name): "\(name) is connected"
        case .wouldFollowItself(let name, _): "\(name) would follow itself"
        case .followsAlready(let name, let upstream): "\(name) follows \(upstream) already"
        case .cannotFollow(let name, let upstream, _): "\(name) cannot follow \(upstream)"
        case .refused(_, let upstream, let error): "\(upstream) answered: \(error)"
        case .noSuchSlot(let name, let node): "\(node) has no slot \(name)"
        case .isCut(let name): "the link of \(name) is cut already"
        case .noSuchPage(let node, let block, _): "the table of \(node) has no page \(block)"
        case .transactionIsOpen(let node): "a transaction is open on \(node)"
        case .diskKeepsEverything(let node): "no crash makes the disk of \(node) forget"
        case .monitor(.isOn(let node)): "a monitor watches \(node) already"
        case .monitor(.isOff): "there is no monitor"
        case .failover(.noMonitor): "nobody watches the primary"
        case .failover(.noCandidate(let name)): "nobody can be promoted in the place of \(name)"
        case .failover(.isNotRunning(let name)): "\(name) does not run"
        case .failover(.otherMonitor(let name)): "another monitor watches \(name)"
        case .clients(.areOn(let count)): "\(count) clients are there already"
        case .clients(.areOff): "there are no clients"
        case .clients(.tooMany(let count, _)): "\(count) clients are too many"
        case .fence(let failure): "it is not fenced so: \(failure)"
        case .noTransaction: "no transaction is open"
        case .commitIsWatched(let node): "the next commit of \(node) is watched already"
        case .noCommitIsWatched: "no commit is watched"
        case .tookTooLong(let what, let bound): "\(what) did not end within \(bound)"
        case .server(let node, let error): "\(node) answered: \(error)"
        case .noAnswer(let node): "\(node) went away before it answered"
        case .isSeeding(let name, _): "a base backup is filling \(name)"
        case .isOwnSource(let name): "\(name) cannot be filled from itself"
        case .followsItself(let replica, let source): "\(source) follows \(replica)"
        case .backupFailed(_, let source, let failure, _): "no base backup of \(source): \(failure)"
        case .rewind(let name, let source, _): "\(name) was not rewound from \(source)"
        case .wouldDiscard(let name, let records):
            "only \(name) still has \(records.count) lost writes"
        case .promotionFailed(let node, let failure): "\(node) was not promoted: \(failure)"
        case .isPostgres(let name): "\(name) is a PostgreSQL"
        case .postgresDoesNotFollow(let name, let upstream, _, _):
            "\(name) does not follow \(upstream)"
        case .isAttached(let name): "\(name) is attached already"
        case .isDetached(let name): "\(name) is not attached"
        case .disk(let node, let failure): "the disk of \(node) failed: \(failure)"
        case .interrupted: "interrupted"
        case .cannotOpen, .notALab, .isInUse, .otherSettings, .damagedLab, .directory,
            .tooManyReplicas, .tooFewDescriptors, .tooFewThreads, .noThread, .needsSecurity,
            .unusableTLSFile, .cannotListen, .noPrograms, .program, .notFromPostgres:
            startDescription
        }
    }

    /// Of what keeps a lab from starting.
    private var startDescription: String {
        switch self {
        case .cannotOpen(let node, let reason): "\(node) cannot be opened: \(reason)"
        case .notALab(let path, let reason): "\(path) is not a lab's directory: \(reason)"
        case .isInUse(let path): "another lab is open in \(path)"
        case .otherSettings(let path, let wanted, let found): "\(path) has \(found), not \(wanted)"
        case .damagedLab(let path, let file, let reason): "\(path)/\(file): \(reason)"
        case .directory(let path, let reason): "\(path): \(reason)"
        case .tooManyReplicas(let count): "\(count) replicas are too many"
        case .tooFewDescriptors(let limit, let needed):
            "\(needed) descriptors are needed, not \(limit)"
        case .tooFewThreads(let needed): "\(needed) threads are needed"
        case .noThread(let failure): failure.description
        case .needsSecurity(let feature): "this build has no \(feature.rawValue)"
        case .unusableTLSFile(let path, let reason): "\(path): \(reason)"
        case .cannotListen(let node, let reason): "\(node) cannot listen: \(reason)"
        case .noPrograms(let folder): "PostgreSQL's programs are not in \(folder)"
        case .program(let reason): reason
        case .notFromPostgres: "the lab did not begin as a PostgreSQL's cluster"
        case .noSuchNode, .isDown, .isUp, .isFrozen, .isNotFrozen, .silent, .isPrimary, .isReplica,
            .noSuchPosition,
            .upstreamIsDown, .isConnected, .wouldFollowItself, .followsAlready, .cannotFollow,
            .refused, .noSuchSlot, .isCut, .noSuchPage, .transactionIsOpen, .diskKeepsEverything,
            .monitor, .fence, .clients, .failover,
            .noTransaction, .commitIsWatched, .noCommitIsWatched, .tookTooLong, .server, .noAnswer,
            .isSeeding, .isOwnSource,
            .followsItself, .backupFailed, .rewind, .wouldDiscard, .promotionFailed, .isPostgres,
            .postgresDoesNotFollow,
            .isAttached, .isDetached, .disk, .interrupted:
            "the lab could not be started"
        }
    }
}
