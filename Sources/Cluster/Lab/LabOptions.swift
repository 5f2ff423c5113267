/// How a lab is to be started.
public struct LabOptions: Hashable, Sendable {
    /// How many replicas follow the primary; nil: 2, or as many as the kept directory has.
    public var replicas: Int?
    /// Decides the system identifier and every random draw; nil: 1, or that of the kept directory.
    public var seed: UInt64?
    /// Where the data directories are kept and reopened; nil: a directory that goes with the lab.
    public var directory: String?
    /// The nodes' disks are memory that forgets at a crash what was not synced.
    public var usesMemory: Bool
    /// The lab begins as a cluster that PostgreSQL's own `initdb` has made, so that a PostgreSQL
    /// can follow it; also so of a kept directory that began otherwise, which is refused.
    public var isFromPostgres: Bool

    /// Options; by default a lab of its own with two replicas.
    public init(
        replicas: Int? = nil, seed: UInt64? = nil, directory: String? = nil,
        usesMemory: Bool = false, isFromPostgres: Bool = false
    ) {
        self.replicas = replicas
        self.seed = seed
        self.directory = directory
        self.usesMemory = usesMemory
        self.isFromPostgres = isFromPostgres
    }

    /// The most replicas a lab takes.
    public static let replicaLimit = 16
}
