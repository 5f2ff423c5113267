/// What a node's disk answered, as the machines of the node's life tell answers apart.
public enum DiskAnswer: Hashable, Sendable {
    /// Done, and durable.
    case done
    /// There is no room: nothing is broken, and it may be asked again when there is. In the disk's
    /// own words.
    case full(String)
    /// It failed: the node can trust it no more. In the disk's own words.
    case failed(String)
}

/// What a disk said when it was asked whether it has a timeline's history. Only a file that is
/// certainly not there is absent: a number that is free by mistake would be used twice.
public enum HistoryAnswer: Hashable, Sendable {
    /// There is one, readable or not.
    case present
    /// There is none.
    case absent
    /// It could not say, and why.
    case unknown(String)
}
