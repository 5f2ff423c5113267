package import Replication
package import WALFormat
package import WireProtocol

/// The log of a running server, read as it grows: what is asked for, what comes of it, and why it
/// ends. The server may be a real PostgreSQL primary, or one of the lab's own nodes.
package enum LogTail {
    /// Which log, and how much of it.
    package struct Request: Hashable, Sendable {
        /// A name or an address.
        package var host: String
        package var port: Int
        /// The user to log in as.
        package var user: String
        /// The first position wanted; nil: the slot's, else the end.
        package var start: LSN?
        /// The slot that keeps the log meanwhile.
        package var slot: String?
        /// So many records; nil: until it is called off.
        package var count: Int?

        /// A request.
        package init(
            host: String, port: Int, user: String, start: LSN? = nil, slot: String? = nil,
            count: Int? = nil
        ) {
            self.host = host
            self.port = port
            self.user = user
            self.start = start
            self.slot = slot
            self.count = count
        }
    }

    /// Something to show.
    package enum News: Hashable, Sendable {
        /// The server let us in, and this is who it is.
        case server(UpstreamSurvey.Findings)
        /// A record.
        case record(Record)
        /// The log goes on, on this timeline.
        case timeline(Timeline, from: LSN)
        /// How far both sides are.
        case positions(Positions)
    }

    /// A record, without its contents.
    package struct Record: Hashable, Sendable {
        /// Its first byte.
        package var start: LSN
        /// Where the log goes on.
        package var end: LSN
        /// Its bytes, without page headers and padding.
        package var byteCount: Int
        /// The transaction; invalid for none.
        package var xid: TransactionID
        /// Whose redo understands it.
        package var resourceManager: UInt8
        /// The timeline of the page it begins on, or of one before.
        package var timeline: Timeline
        /// The pages it changes.
        package var blocks: [Block]
    }

    /// A page that a record refers to.
    package struct Block: Hashable, Sendable {
        /// What the record holds of the page.
        package enum Image: Hashable, Sendable {
            /// Nothing, or changes.
            case none
            /// All of it, for redo.
            case full
            /// All of it, to check redo by (`wal_consistency_checking`).
            case check
        }

        /// The file.
        package var relation: RelationLocator
        /// The fork of the file; 0 is the main one.
        package var fork: UInt8
        /// The page.
        package var block: UInt32
        /// Whether the page itself is in the record.
        package var image: Image
    }

    /// How far both sides are.
    package struct Positions: Hashable, Sendable {
        /// The server's log was durable up to here, by its last word.
        package var serverFlush: LSN
        /// The log has arrived up to here.
        package var received: LSN
        /// The end of the last record read.
        package var read: LSN
        /// Records shown.
        package var recordCount = 0
        /// Bytes of log that arrived.
        package var byteCount = 0
        /// XLogData messages that brought them.
        package var messageCount = 0
    }

    /// How it ended well.
    package enum End: Hashable, Sendable {
        /// As many records as were asked for.
        case counted
        /// It was called off.
        case cancelled
    }

    /// Why a server was not reached.
    package enum Unreachable: Hashable, Sendable {
        /// No address belongs to the host's name.
        case unknownHost
        /// Nobody listens there.
        case refused
        /// No answer came for so long.
        case timedOut(after: Duration)
        /// What the system said.
        case failed(String)
    }

    /// Why it ended otherwise.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The server was not reached.
        case unreachable(Unreachable)
        /// It was reached, and cannot be read.
        case unfit(UpstreamSurvey.Failure)
        /// It answered with an error to what it was asked for.
        case refused(ServerError)
        /// It cannot be followed to its next timeline.
        case notFollowed(WALReceiver.Refusal)
        /// It said nothing for so long.
        case silent(after: Duration)
        /// It read nothing for so long of what it had asked for.
        case readsNothing(after: Duration)
        /// It stopped, having sent all it had up to here.
        case stopped(at: LSN)
        /// The connection broke; the log had arrived up to here.
        case connectionLost(at: LSN)
        /// It said what no server may say.
        case protocolViolation(String)
        /// What came after this position is no log that can be read.
        case unreadable(at: LSN, EndReason)
        /// The record here was damaged on the way, or on the server.
        case corrupt(at: LSN)

        /// One line.
        package var description: String {
            switch self {
            case .unreachable: "the server was not reached"
            case .unfit(let failure): failure.description
            case .refused(let error): error.description
            case .notFollowed: "it cannot be followed to its next timeline"
            case .silent(let bound): "the server said nothing for \(bound)"
            case .readsNothing(let bound): "the server read nothing for \(bound)"
            case .stopped(let lsn): "the server stopped at \(lsn)"
            case .connectionLost(let lsn): "the connection was lost at \(lsn)"
            case .protocolViolation(let reason): "protocol violation: \(reason)"
            case .unreadable(let lsn, let reason): "no log can be read at \(lsn): \(reason)"
            case .corrupt(let lsn): "the record at \(lsn) is damaged"
            }
        }
    }
}
