import DatabaseNode
import Storage
import WALFormat

/// A node's directory as the lab finds it when it is started or reopened.
struct OpenedNode: Sendable {
    /// What was found.
    enum Finding: Sendable {
        /// It can run.
        case sound(OpenedDirectory)
        /// It was left down, and had this.
        case leftDown(LastSeen)
        /// No more than the beginning of a base backup of another node.
        case incompleteBackup(of: String)
        /// Files that are not as they were written: nothing is served from them.
        case damaged(OpenFailure)
    }

    let name: String
    let finding: Finding
    /// Whether it writes the log, as its directory has it, or else as the lab had noted it.
    let isPrimary: Bool

    /// - Parameter wasStandby: the lab had noted so.
    init(
        _ storage: NodeStorage?, _ name: String, _ time: PostgresTime, leftDown: LastSeen?,
        wasStandby: Bool
    ) throws(LabFailure) {
        self.name = name
        if let leftDown {
            finding = .leftDown(leftDown)
            isPrimary = leftDown.isPrimary
            return
        }
        do throws(LabFailure) {
            let directory = try OpenedDirectory(of: name, storage, at: time)
            finding = .sound(directory)
            isPrimary = !directory.recovered.database.isReadOnly
        } catch .cannotOpen(_, .incompleteBackup(let source)) {
            finding = .incompleteBackup(of: source)
            isPrimary = false
        } catch .cannotOpen(_, let reason) where reason.isDamage {
            finding = .damaged(reason)
            isPrimary = !wasStandby
        }
    }

    /// What can run.
    var directory: OpenedDirectory? {
        switch finding {
        case .sound(let directory): directory
        case .leftDown, .incompleteBackup, .damaged: nil
        }
    }

    /// What it has, as long as it does not run.
    var seen: LastSeen {
        switch finding {
        case .leftDown(let seen): seen
        case .sound, .incompleteBackup, .damaged: LastSeen(why: .stopped, isPrimary: isPrimary)
        }
    }

    /// The node that its incomplete backup is of.
    var incompleteBackupOf: String? {
        switch finding {
        case .incompleteBackup(let source): source
        case .sound, .leftDown, .damaged: nil
        }
    }

    /// Why it cannot run.
    var damage: OpenFailure? {
        switch finding {
        case .damaged(let reason): reason
        case .sound, .leftDown, .incompleteBackup: nil
        }
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
