package import Replication
package import WALFormat

// Whom a standby follows, and where its stream began.
extension Standby {
    /// The node it follows.
    package struct Upstream {
        /// Where to connect; nil when nothing is there.
        let port: () -> Int?
        /// What the node would answer from; nil while it is down.
        let server: () -> WALSender.Server?

        package init(port: @escaping () -> Int?, server: @escaping () -> WALSender.Server?) {
            self.port = port
            self.server = server
        }
    }

    /// Where a stream began, and what had been replayed by then.
    package struct Resumption {
        package let lsn: LSN
        let receivedBytes: Int
        package let redoneRecords: Int
    }
}
