internal import Cluster
internal import WALFormat

extension PromotionReport.Fate {
    /// As JSON has it.
    var word: String {
        switch self {
        case .follows: "follows"
        case .cannotFollow: "cannot follow"
        case .notYet: "not yet"
        case .refused: "refused"
        case .isDown: "down"
        }
    }

    /// Where it stands, if that says something.
    var position: LSN? {
        switch self {
        case .follows(let lsn): lsn
        case .cannotFollow(let own, _): own
        case .notYet, .refused, .isDown: nil
        }
    }
}
