internal import Cluster
internal import CommandLanguage
internal import Replication

// A promotion that did not come to its end: at which step, why, what the node is now.
extension FailureText {
    func promotionFailed(_ node: String, _ failure: Promotion.Failure) -> Failure {
        let step = "\(node) was not promoted: \(failure.step.text): "
        let reason = failure.reason.escapedForDisplay
        switch failure.standing {
        case .standby where failure.step == .replay:
            return Failure(
                "\(node) was not promoted: \(reason)",
                advice: "status, to see what its replay waits for")
        case .standby(let timeline):
            return Failure(
                step + reason + "; it is a replica on timeline \(timeline), as before",
                advice: "disk \(node) ok; promote \(node)")
        case .failed(let old, nil):
            return Failure(
                step + reason + "; it is a replica on timeline \(old), whose disk failed",
                advice: "crash \(node); restart \(node); promote \(node)")
        case .failed(let old, let new?):
            return Failure(
                step + reason + "; its disk will say whether it is a replica on timeline \(old) or "
                    + "the primary on timeline \(new)",
                advice: "crash \(node); restart \(node); status")
        case .primary(let timeline):
            return Failure(
                "\(node) is the primary on timeline \(timeline) and takes no writes: "
                    + "\(failure.step.text): \(reason); no replica was pointed at it",
                advice: "crash \(node); restart \(node); then follow, for each replica")
        }
    }
}

extension Promotion.Step {
    /// What could not be done, as a clause.
    fileprivate var text: String {
        switch self {
        case .replay: "what it received cannot be made durable"
        case .chooseTimeline: "no number for the new timeline"
        case .beginTimeline: "the new timeline's history and first segment cannot be written"
        case .abandonTimeline: "the new timeline's files cannot be removed again"
        case .leaveRecovery: "standby.signal cannot be removed"
        case .endOfRecovery: "the end-of-recovery record cannot be written"
        case .checkpoint: "its first checkpoint failed"
        }
    }
}
