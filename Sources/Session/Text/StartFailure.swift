internal import Cluster
internal import CommandLanguage
internal import Storage

/// Failures of opening a lab or a node: there may be no lab to look at.
enum StartFailure {
    /// One line for what is wrong, one for what to type.
    static func failure(_ failure: LabFailure) -> Failure {
        switch failure {
        case .cannotOpen(let node, let reason):
            Failure(
                "\(node) cannot be opened: \(reason.description.escapedForDisplay)",
                advice: advice(reason))
        case .notALab(let path, let reason):
            Failure(
                "\(Words.quoted(path)) is not a lab's directory: \(reason.escapedForDisplay)",
                advice: "shiplog --dir with a new or empty directory")
        case .isInUse(let path):
            Failure(
                "another lab is open in \(Words.quoted(path))",
                advice: "end the other lab, or shiplog --dir with another directory")
        case .otherSettings(let path, let wanted, let found):
            Failure(
                "the lab in \(Words.quoted(path)) has \(found.escapedForDisplay), "
                    + "not \(wanted.escapedForDisplay)",
                advice: "shiplog --dir \(Words.quoted(path, limit: .max)) without other options")
        case .damagedLab(let path, let file, let reason): damagedLab(path, file, reason)
        case .directory(let path, let reason):
            Failure(
                "the directory \(Words.quoted(path)) cannot be used: \(reason.escapedForDisplay)",
                advice: "shiplog --dir with a directory you may write to")
        case .tooManyReplicas(let count):
            Failure(
                "\(count) replicas are too many; a lab takes \(LabOptions.replicaLimit)",
                advice: "shiplog --replicas \(LabOptions.replicaLimit)")
        case .tooFewDescriptors(let limit, let needed):
            Failure(
                "a lab of this size needs \(needed) descriptors; the limit here is \(limit)",
                advice: "ulimit -n \(needed), or fewer --replicas")
        case .tooFewThreads(let needed):
            lackOfThreads("a lab of this size needs \(needed) threads; the system gives it fewer")
        case .noThread(let failure): lackOfThreads(failure.description)
        case .cannotListen(let node, let reason):
            Failure(
                "\(node) cannot listen on 127.0.0.1: \(reason.escapedForDisplay)",
                advice: "end other labs, then start this one again")
        case .needsSecurity(let feature):
            Failure(
                "this build has no \(feature.rawValue)",
                advice: "swift run -c release --traits Security shiplog, which builds one that has")
        case .unusableTLSFile(let path, let reason):
            Failure(
                "\(Words.quoted(path)) cannot be used for TLS: \(reason.escapedForDisplay)",
                advice: "shiplog --ssl-cert-file FILE --ssl-key-file FILE, both in PEM form")
        case .disk(let node, let failure):
            Failure(
                "the disk of \(node) failed: \(failure.description.escapedForDisplay)",
                advice: "shiplog --dir with a directory on another disk")
        case .noPrograms(let folder):
            Failure(
                "PostgreSQL 15's programs are not in \(Words.quoted(folder, limit: .max))",
                advice: "apt-get install postgresql-15, then start the lab again")
        case .program(let reason):
            Failure(
                "PostgreSQL could not do its part: \(reason.escapedForDisplay)",
                advice: "shiplog, which needs no PostgreSQL")
        case .interrupted, .promotionFailed, .cannotFollow, .refused: Failure("interrupted")
        case .noSuchNode, .isDown, .isUp, .isPrimary, .isReplica, .noSuchPosition, .noSuchPage,
            .upstreamIsDown, .isFrozen, .isNotFrozen, .silent, .isConnected, .isCut, .isSeeding,
            .isOwnSource, .followsItself, .backupFailed, .rewind, .wouldDiscard,
            .diskKeepsEverything, .wouldFollowItself, .followsAlready, .noSuchSlot,
            .notFromPostgres, .isAttached, .isDetached, .isPostgres, .postgresDoesNotFollow,
            .monitor, .fence, .clients, .failover, .transactionIsOpen,
            .noTransaction, .commitIsWatched, .noCommitIsWatched, .tookTooLong, .server, .noAnswer:
            Failure("the lab could not be started", advice: "shiplog")
        }
    }

    private static func damagedLab(_ path: String, _ file: String, _ reason: String) -> Failure {
        Failure(
            "the lab in \(Words.quoted(path)) cannot be opened: \(Words.quoted(file)): \(reason)",
            advice: "shiplog --dir with a new or empty directory")
    }

    private static func lackOfThreads(_ what: String) -> Failure {
        Failure(what, advice: moreThreads)
    }

    private static let moreThreads = "ulimit -u with a larger number, or end other programs"

    private static func advice(_ reason: OpenFailure) -> String {
        switch reason {
        case .locked: "end the other lab, or shiplog --dir with another directory"
        case .full: "free some space on the disk"
        case .noThread: Self.moreThreads
        case .readOnly, .denied: "shiplog --dir with a directory you may write to"
        case .missing, .notADataDirectory, .postgresCluster, .wrongVersion, .wrongControlVersion,
            .damagedControlData, .notEmpty, .notStopped, .io, .missingWAL, .noCheckpoint,
            .endsBeforeConsistency, .incompleteBackup, .incompleteRewind, .endsBeforeBackupEnd,
            .corrupt,
            .unreplayable, .damagedFile:
            "shiplog --dir with a new or empty directory"
        }
    }
}
