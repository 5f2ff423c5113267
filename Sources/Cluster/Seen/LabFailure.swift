package import DatabaseNode
package import Replication
package import Storage
package import WALFormat
package import WireProtocol

/// Why the lab could not do what a command asked for. A plain line of what is wrong; the words for
/// learners, and what to type instead, are the session's.
package enum LabFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such node.
    case noSuchNode(String)
    /// The node is down, and the command needs it up.
    case isDown(String, NodeState)
    /// The node's process was stopped where it stands, and the command needs it to run.
    case isFrozen(String)
    /// The node is not frozen.
    case isNotFrozen(String)
    /// The node has not answered within so much lab time, and its client has given up: what became
    /// of the write is unknown.
    case silent(node: String, bound: Duration)
    /// The node is up, and the command needs it down.
    case isUp(String)
    /// The node is the primary, and the command is for replicas.
    case isPrimary(String)
    /// The node is a replica, and the command is for the primary.
    case isReplica(String)
    /// No record of the node's log holds the position.
    case noSuchPosition(node: String, LSN)
    /// The replica's upstream is down.
    case upstreamIsDown(replica: String, upstream: String, NodeState)
    /// `reconnect` of a replica that is connected, over a whole link.
    case isConnected(String)
    /// The replica would stream from itself, by way of these nodes; by way of none: directly.
    case wouldFollowItself(String, through: [String])
    /// The replica follows that node already.
    case followsAlready(String, upstream: String)
    /// The replica's log is no beginning of the upstream's: it can never follow it.
    case cannotFollow(String, upstream: String, WALReceiver.Refusal)
    /// The replica's upstream will not stream to it as it is.
    case refused(String, upstream: String, ServerError)
    /// The node has no slot of that name.
    case noSuchSlot(String, node: String)
    /// The replica's link is cut already.
    case isCut(String)
    /// The node's table has no such page; `count` says how many there are, where that is known.
    case noSuchPage(node: String, block: Int, count: Int?)
    /// The lab's client has a transaction open, and the command is for outside of one.
    case transactionIsOpen(node: String)
    /// The node's disk is the operating system's, which no crash of the lab makes forget.
    case diskKeepsEverything(String)
    /// `commit` or `rollback` without a transaction.
    case noTransaction
    /// A node's next commit is being watched already.
    case commitIsWatched(node: String)
    /// No commit is being watched.
    case noCommitIsWatched
    /// It did not come to an end within the bound of lab time.
    case tookTooLong(what: String, bound: Duration)
    /// A node cannot be fenced so, or is.
    case fence(FenceFailure)
    /// The monitor cannot do what it was asked for.
    case monitor(MonitorFailure)
    /// There is no failover as it was asked for.
    case failover(FailoverFailure)
    /// An application's clients cannot do what they were asked for.
    case clients(ClientFailure)
    /// The server refused.
    case server(node: String, ServerError)
    /// The server went away before it answered: what became of the write is unknown.
    case noAnswer(node: String)
    /// The node's data directory cannot be opened or made.
    case cannotOpen(node: String, OpenFailure)
    /// The directory given for the lab holds something that is not a lab's.
    case notALab(path: String, reason: String)
    /// A lab is open in the directory, of this process or another.
    case isInUse(path: String)
    /// The directory is a lab's, but of other settings.
    case otherSettings(path: String, wanted: String, found: String)
    /// A file of the lab's own is not as a lab left it.
    case damagedLab(path: String, file: String, reason: String)
    /// The lab's directory cannot be made or used.
    case directory(path: String, reason: String)
    /// More replicas than a lab takes.
    case tooManyReplicas(Int)
    /// The system lets the process have too few descriptors for a lab.
    case tooFewDescriptors(limit: Int, needed: Int)
    /// The system gives the process too few threads for a lab.
    case tooFewThreads(needed: Int)
    /// There is none for what the command needs one for.
    case noThread(ThreadFailure)
    /// A base backup is filling the node's directory.
    case isSeeding(String, source: String)
    /// A base backup of the node from itself.
    case isOwnSource(String)
    /// The node is the source's upstream, or the upstream of that: each would follow the other.
    case followsItself(replica: String, source: String)
    /// A base backup did not come to its end. If the directory was touched, it is empty now.
    case backupFailed(
        replica: String, source: String, BackupReceiver.Failure, directoryIsTouched: Bool)
    /// A rewind did not come about, or not to its end.
    case rewind(String, source: String, RewindFailure)
    /// Only this node's disk still holds these lost commits, and it would be wiped.
    case wouldDiscard(String, [LostRecord])
    /// The program was built without the trait that this needs.
    case needsSecurity(SecurityFeature)
    /// A file with a certificate or a key cannot be used.
    case unusableTLSFile(path: String, reason: String)
    /// A port could not be had.
    case cannotListen(node: String, reason: String)
    /// PostgreSQL's programs are not installed where they should be.
    case noPrograms(folder: String)
    /// One of PostgreSQL's programs could not do its part.
    case program(String)
    /// The lab did not begin as a PostgreSQL's cluster, so none can follow it.
    case notFromPostgres
    /// The PostgreSQL member is there already.
    case isAttached(String)
    /// There is no PostgreSQL member now.
    case isDetached(String)
    /// The node is a PostgreSQL member, and the command reaches into a node of the lab's own.
    case isPostgres(String)
    /// The PostgreSQL member runs, and does not follow: what its upstream and its own log said.
    case postgresDoesNotFollow(
        String, upstream: String, ServerError?, lastOutput: String)
    /// A replica was not promoted, or is a primary that takes no writes.
    case promotionFailed(node: String, Promotion.Failure)
    /// A disk job failed.
    case disk(node: String, DiskFailure)
    /// ^C.
    case interrupted
}

/// What the package's trait `Security` adds.
package enum SecurityFeature: String, Hashable, Sendable {
    /// Passwords.
    case scram = "SCRAM-SHA-256"
    /// Encryption.
    case tls = "TLS"
}
