import DatabaseNode
import Storage
import WALFormat

/// A node's directory as the lab finds it when it is started or reopened.
struct OpenedNode: Sendable {
    let name: String
    /// Nil: it was left down, or holds no more than the beginning of a base backup, so that nothing
    /// can run on it.
    let directory: OpenedDirectory?
    /// What it had when it was left down.
    let leftDown: LastSeen?
    /// The node that backup was of.
    let incompleteBackupOf: String?

    init(
        _ storage: NodeStorage?, _ name: String, _ time: PostgresTime, leftDown: LastSeen?
    ) throws(LabFailure) {
        self.name = name
        self.leftDown = leftDown
        guard leftDown == nil else {
            (directory, incompleteBackupOf) = (nil, nil)
            return
        }
        do throws(LabFailure) {
            directory = try OpenedDirectory(of: name, storage, at: time)
            incompleteBackupOf = nil
        } catch {
            guard case .cannotOpen(_, .incompleteBackup(let source)) = error else { throw error }
            directory = nil
            incompleteBackupOf = source
        }
    }

    var isPrimary: Bool {
        if let leftDown { return leftDown.isPrimary }
        return directory.map { !$0.recovered.database.isReadOnly } ?? false
    }

    /// Whether it had to be recovered.
    var hadCrashed: Bool { directory.map { !$0.recovered.report.wasCleanlyStopped } ?? false }
}

extension OpenedDirectory {
    /// Opens and recovers a node's directory.
    init(
        of name: String, _ storage: NodeStorage?, at time: PostgresTime
    ) throws(LabFailure) {
        guard let storage else { throw .noSuchNode(name) }
        do throws(OpenFailure) {
            try self.init(storage, at: time)
        } catch {
            throw .cannotOpen(node: name, error)
        }
    }
}
