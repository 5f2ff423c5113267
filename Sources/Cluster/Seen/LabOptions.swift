/// How a lab is to be started.
package struct LabOptions: Hashable, Sendable {
    /// How many replicas follow the primary; nil: 2, or as many as the kept directory has.
    package var replicas: Int?
    /// Decides the system identifier and every random draw; nil: 1, or that of the kept directory.
    package var seed: UInt64?
    /// Where the data directories are kept and reopened; nil: a directory that goes with the lab.
    package var directory: String?
    /// What the nodes' disks are.
    package var disks: Disks
    /// The lab begins as a cluster that PostgreSQL's own `initdb` has made, so that a PostgreSQL
    /// can follow it. A kept directory that began otherwise is refused.
    package var isFromPostgres: Bool

    /// Where the nodes keep their files.
    package enum Disks: Hashable, Sendable {
        /// The operating system's, whose kernel lives on when a node crashes.
        case files
        /// Memory that forgets at a crash what was not synced.
        case memory
        /// Memory that keeps at a crash what was written, as the operating system does: the same
        /// lab, quicker.
        case lastingMemory
    }

    /// What outside programs may encrypt their connections with; nil: nothing.
    package var tls: TLSFiles?

    /// Where a server's certificate and its private key are, in PEM form.
    package struct TLSFiles: Hashable, Sendable {
        /// The certificate, and those it rests on.
        package let certificate: String
        /// Its private key.
        package let key: String

        /// Two files.
        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Options; by default a lab of its own with two replicas.
    package init(
        replicas: Int? = nil, seed: UInt64? = nil, directory: String? = nil,
        usesMemory: Bool = false, isFromPostgres: Bool = false, tls: TLSFiles? = nil
    ) {
        self.replicas = replicas
        self.seed = seed
        self.directory = directory
        disks = usesMemory ? .memory : .files
        self.isFromPostgres = isFromPostgres
        self.tls = tls
    }

    /// The names of a lab's own nodes: p, r1, r2.
    package static func nodeNames(replicas: Int) -> [String] {
        ["p"] + (0..<replicas).map { "r\($0 + 1)" }
    }

    /// The most replicas a lab takes.
    package static let replicaLimit = 200
}
