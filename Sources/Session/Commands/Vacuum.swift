internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

extension Session {
    /// `vacuum`: row versions that nobody can see make room.
    func vacuum(_ node: NodeReference?) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node ?? .primary)
        let report = try ask(.vacuum(node: node)) { () throws(LabFailure) in try lab.vacuum(name) }
        let versions = CountText.of(report.tuplesRemoved, "dead row version")
        let line =
            report.tuplesRemoved == 0
            ? "vacuum on \(name): no dead row version on "
                + CountText.of(report.pagesScanned, "page")
            : "vacuum on \(name): \(versions) pruned from "
                + "\(CountText.of(report.pagesPruned, "page")), "
                + "\(CountText.bytes(report.bytesFreed)) of room gained"
        return Reply(
            lines: [line]
                + (report.tuplesRemoved == 0 ? events() : consequences(since: before)),
            json: [
                [
                    "node": .string(name), "pages_scanned": .int(report.pagesScanned),
                    "pages": .int(report.pagesPruned), "tuples": .int(report.tuplesRemoved),
                    "bytes": .int(report.bytesFreed),
                ]
            ])
    }
}
