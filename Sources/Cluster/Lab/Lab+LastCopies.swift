// What goes when a directory is wiped.
extension Lab {
    /// The lost writes that no disk but a node's still holds: whoever wipes its directory, or
    /// takes its log back to a fork, takes the last copy of what clients were told is there. In the
    /// order of their OKs.
    package func lastCopies(on node: String) throws(LabFailure) -> [LostRecord] {
        try lost().lost.filter { $0.disks == [node] }
    }
}
