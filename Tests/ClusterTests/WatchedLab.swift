import Cluster
import Testing

/// A lab that is held against its invariants whenever it has come to rest.
func watchedLab(_ options: LabOptions) throws -> Lab {
    let lab = try Lab(options)
    var truth = TruthChecker()
    lab.judge = { lab in
        for breach in lab.checkTruth(&truth) { Issue.record("breach of \(breach)") }
    }
    return lab
}
