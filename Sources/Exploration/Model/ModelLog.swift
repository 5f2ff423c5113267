/// One client's write, as the model has it.
struct ModelCommit: Hashable {
    let key: String
    /// Nil: the key was deleted.
    let value: String?
}

/// A node's log as the model has it: numbers of commits, in order. No bytes and no positions.
struct ModelLog: Hashable {
    var commits: [Int] = []

    var count: Int { commits.count }

    /// Whether this log is where the other began.
    func isBeginning(of other: ModelLog) -> Bool { other.commits.starts(with: commits) }

    func prefix(_ count: Int) -> ModelLog { ModelLog(commits: Array(commits.prefix(count))) }

    /// How many commits two logs share from their beginning on.
    func sharedCount(with other: ModelLog) -> Int {
        zip(commits, other.commits).prefix { $0 == $1 }.count
    }
}
