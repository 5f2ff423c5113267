/// What goes wrong on a node's disk from now on.
package enum DiskFault: Hashable, Sendable {
    /// No file can grow any more.
    case full
    /// Files can grow by so many bytes; what is removed gives its room back.
    case room(byteCount: Int)
    /// The next fsync fails.
    case syncError
    /// Nothing; a sync that has failed is not taken back.
    case none
}
