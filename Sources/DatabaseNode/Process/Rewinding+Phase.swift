package import Replication
package import Storage
import WALFormat

// What a rewind goes through.
extension Rewinding {
    /// How it ended.
    package enum End {
        /// Nothing was to be changed: this is what would be done.
        case planned(RewindSummary)
        /// The directory was opened and recovered, as far as the source's log had come.
        case complete(RewindSummary, OpenedDirectory)
        case refused(RewindRefusal)
        /// It is whole, and yet no node can start on it.
        case unusable(OpenFailure)
        /// The source has not the log any more from where redo would begin.
        case sourceLacksLog(RewindPlan, directoryIsTouched: Bool)
        case failed(BackupReceiver.Failure, directoryIsTouched: Bool)
    }

    /// What its thread has to say.
    enum Letter: Sendable {
        case planned(Result<RewindPlan, RewindRefusal>)
        case written(DiskFailure?)
        /// The same, of what no piece waits for.
        case stored(DiskFailure?)
        case finished(DiskFailure?)
        case opened(Result<OpenedDirectory, OpenFailure>)
    }

    /// How far it is.
    enum Phase {
        case connecting
        /// The control data, then the history of their timeline.
        case surveying(control: [UInt8]?)
        case planning(RewindSource)
        /// Whether the source has the log from where redo begins.
        case probing(RewindSource, RewindPlan, [String])
        case copyingFiles(RewindSource, RewindPlan)
        case askingEnd(RewindSource, RewindPlan)
        case copyingLog(RewindSource, RewindPlan, end: LSN)
        case finishing
        case opening
        case over
    }

    /// A piece of a file that is to be copied; where several files may hold it, best first.
    struct Piece {
        var paths: [String]
        let offset: Int
        let byteCount: Int
        /// What its file is to be as long as, once this piece is written.
        let closesAt: Int?
    }
}
