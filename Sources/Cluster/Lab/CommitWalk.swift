import DatabaseNode
import Network
import WALFormat

/// One commit on its way through the chapter's seven stages, and the stage at which it is to stop.
///
/// Whoever does that stage is stopped where it stands, as a frozen process is, before it does
/// anything that comes after; so the stage is reached on the real path and nothing else is.
///
/// - The commit is the first that the node inserts after this was made.
/// - Replicas count by where the commit ends, on its timeline; the first of them decides.
/// - Touched on the lab's loop only.
final class CommitWalk: CommitWatch {
    /// Whose commit it is, or on whose way to the disk: a replica can be watched alone.
    let node: String
    private let isOnReplica: Bool
    /// What its client has heard, if it is gone through stage by stage.
    var answer: Result<WriteReport, LabFailure>?
    /// Where it is to stop.
    private(set) var stage: CommitStage
    /// Where its record ends; nil before it is inserted.
    private(set) var commit: LogPosition?
    /// Who was stopped at the stage.
    private(set) var stopped: [String] = []
    /// Who was stopped before what was sent could arrive.
    private(set) var held: [String] = []
    private unowned let cluster: Cluster

    init(_ cluster: Cluster, of node: String, isOnReplica: Bool, until stage: CommitStage) {
        self.cluster = cluster
        self.node = node
        self.isOnReplica = isOnReplica
        self.stage = stage
    }

    /// Whether somebody stands at the stage.
    var hasStopped: Bool { !stopped.isEmpty }

    /// It goes on to another stage; answers who goes on with it.
    ///
    /// - Parameter held: who is to stop first, and goes on with the stage after that one.
    func goOn(to stage: CommitStage, holding held: [String]) -> [String] {
        defer {
            stopped = []
            self.held = held
        }
        self.stage = stage
        for name in held { cluster.stopOnWalk(name) }
        return stopped + self.held
    }

    func isAwaiting(_ stage: CommitStage, on name: String) -> Bool {
        stage == self.stage && does(stage, name)
    }

    func hasReached(_ stage: CommitStage, upTo lsn: LSN, on name: String) -> Bool {
        guard let process = cluster.node(up: name) else { return false }
        let position = LogPosition(process.logTimeline, lsn)
        let isBegin = isOnReplica ? stage == .receive : stage == .insert
        if commit == nil, isBegin, name == node { commit = position }
        guard isAwaiting(stage, on: name), stopped.isEmpty || !stage.isOnPrimary,
            let commit, commit.timeline == position.timeline, position.lsn >= commit.lsn,
            !stopped.contains(name)
        else { return false }
        stopped.append(name)
        cluster.stopOnWalk(name)
        return true
    }

    private func does(_ stage: CommitStage, _ name: String) -> Bool {
        stage.isOnPrimary || isOnReplica ? name == node : name != node
    }
}

extension Cluster {
    /// Has a node's next commit stopped at a stage, and then, with everything as it is there,
    /// something done.
    func watchCommit(
        of node: String, until stage: CommitStage,
        then act: @escaping (Cluster, LSN) -> Void
    ) {
        let isOnReplica = self.node(up: node)?.isInRecovery ?? false
        let walk = CommitWalk(self, of: node, isOnReplica: isOnReplica, until: stage)
        watch(walk)
        // Right behind the node's own work, and before anything that it sent has been read.
        lab.stepper.addLull("node \(node) watched") { [weak self, weak walk] in
            guard let self, let walk, walk === commitWalk else { return false }
            guard self.node(up: node) != nil else {
                endCommitWalk()
                return false
            }
            guard !walk.stopped.isEmpty, let commit = walk.commit else { return false }
            act(self, commit.lsn)
            endCommitWalk()
            return true
        }
    }

    /// Whether a node stands where a commit was stopped, or waits for it there.
    func isOnCommitWalk(_ name: String) -> Bool {
        guard let walk = commitWalk, node(up: name) != nil else { return false }
        return (walk.stopped + walk.held).contains(name)
    }

    /// Nobody looks on any more; whoever was stopped goes on.
    func endCommitWalk() {
        guard let walk = commitWalk else { return }
        watch(nil)
        lab.stepper.removeLull("node \(walk.node) watched")
        for name in walk.stopped + walk.held { goOnFromWalk(name) }
    }

    fileprivate func stopOnWalk(_ name: String) {
        guard let node = try? node(name) else { return }
        node.freeze()
        alignLinks()
    }

    func goOnFromWalk(_ name: String) {
        guard let node = try? node(name), node.process != nil, node.isFrozen else { return }
        node.thaw()
        alignLinks()
    }
}
