internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Replication
internal import WALFormat

/// What `tail` shows, line by line: the widths are fixed, since nobody knows what is still to come.
enum TailTable {
    private static let widths = (lsn: 12, manager: 14, length: 7, xid: 10)
    private static let heading = row("lsn", "rmgr", "length", "xid", "blocks")

    /// The lines for one piece of news.
    static func lines(_ news: LogTail.News, of request: LogTail.Request) -> [String] {
        switch news {
        case .server(let findings):
            let version = findings.serverVersion.map { " \($0.escapedForDisplay)" } ?? ""
            return [
                "\(TailText.address(request)) is PostgreSQL\(version): system "
                    + "\(findings.systemIdentifier), timeline \(findings.timeline), "
                    + "segments of \(findings.segmentSize.label), flushed to \(findings.flush)",
                heading,
            ]
        case .record(let record):
            let xid = record.xid == .invalid ? "-" : String(record.xid.rawValue)
            let blocks = record.blocks.map(\.text).joined(separator: ", ")
            return [
                row(
                    record.start.description, ResourceManager.name(for: record.resourceManager),
                    String(record.byteCount), xid, blocks)
            ]
        case .timeline(let timeline, let lsn):
            return ["timeline \(timeline) begins at \(lsn)"]
        case .positions(let positions):
            return [
                "read to \(positions.read), received to \(positions.received), server flushed to "
                    + "\(positions.serverFlush): \(CountText.of(positions.recordCount, "record")), "
                    + "\(CountText.bytes(positions.byteCount)) in "
                    + CountText.of(positions.messageCount, "message")
            ]
        }
    }

    private static func row(
        _ lsn: String, _ manager: String, _ length: String, _ xid: String, _ blocks: String
    ) -> String {
        let line =
            [
                lsn.leftAligned(widths.lsn), manager.leftAligned(widths.manager),
                length.rightAligned(widths.length), xid.rightAligned(widths.xid),
            ].joined(separator: "  ")
        return blocks.isEmpty ? line : "\(line)  \(blocks)"
    }

    /// The object for one piece of news.
    static func json(_ news: LogTail.News, of request: LogTail.Request) -> JSONValue {
        switch news {
        case .server(let findings): ["server": json(findings, of: request)]
        case .record(let record):
            [
                "lsn": .string(record.start.description), "end": .string(record.end.description),
                "length": .int(record.byteCount), "xid": .int(Int(record.xid.rawValue)),
                "rmgr": .string(ResourceManager.name(for: record.resourceManager)),
                "timeline": .int(Int(record.timeline.rawValue)),
                "blocks": .array(record.blocks.map(\.json)),
            ]
        case .timeline(let timeline, let lsn):
            [
                "timeline_switch": [
                    "timeline": .int(Int(timeline.rawValue)), "lsn": .string(lsn.description),
                ]
            ]
        case .positions(let positions):
            [
                "positions": [
                    "read_lsn": .string(positions.read.description),
                    "received_lsn": .string(positions.received.description),
                    "server_flush_lsn": .string(positions.serverFlush.description),
                    "records": .int(positions.recordCount), "bytes": .int(positions.byteCount),
                    "messages": .int(positions.messageCount),
                ]
            ]
        }
    }

    private static func json(
        _ findings: UpstreamSurvey.Findings, of request: LogTail.Request
    ) -> JSONValue {
        [
            "host": .string(request.host), "port": .int(request.port),
            "version": .optional(findings.serverVersion),
            "system_identifier": .string(String(findings.systemIdentifier)),
            "timeline": .int(Int(findings.timeline.rawValue)),
            "segment_bytes": .int(findings.segmentSize.byteCount),
            "flush_lsn": .string(findings.flush.description),
            "from_lsn": .string(findings.start.description),
        ]
    }
}

extension LogTail.Block {
    /// As `pg_waldump` names it.
    fileprivate var text: String {
        let place =
            "rel \(relation.tablespace)/\(relation.database)/\(relation.relfilenode)"
            + (fork == 0 ? "" : " fork \(forkName)") + " blk \(block)"
        switch image {
        case .none: return place
        case .full: return "\(place) FPW"
        case .check: return "\(place) FPW for WAL verification"
        }
    }

    /// PostgreSQL: `forkNames`.
    private var forkName: String {
        let names = ["main", "fsm", "vm", "init"]
        return Int(fork) < names.count ? names[Int(fork)] : String(fork)
    }

    fileprivate var json: JSONValue {
        [
            "tablespace": .int(Int(relation.tablespace)), "database": .int(Int(relation.database)),
            "relfilenode": .int(Int(relation.relfilenode)), "fork": .string(forkName),
            "block": .int(Int(block)), "fpw": .bool(image == .full),
        ]
    }
}

extension String {
    fileprivate func leftAligned(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }

    fileprivate func rightAligned(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - utf8.count)) + self
    }
}
