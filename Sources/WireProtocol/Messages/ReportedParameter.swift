/// The two parameters that only a node of the lab reports, as ParameterStatus; libpq ignores both.
///
/// They are all that the lab's client ledger knows, and what any client could know.
package enum ReportedParameter {
    /// On which timeline the node writes.
    package static let timeline = "shiplog.timeline"
    /// Where a commit's record ends; it comes before the commit's OK.
    package static let commitLSN = "shiplog.commit_lsn"
}
