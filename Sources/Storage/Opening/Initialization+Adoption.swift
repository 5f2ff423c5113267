public import WALFormat

extension Initialization {
    /// Fills an empty directory so that its log goes on where a real PostgreSQL's ends: with that
    /// cluster's system identifier, behind its shutdown checkpoint, with its next transaction.
    /// Copies of that cluster's own files can then follow the node.
    ///
    /// - Parameters:
    ///   - source: the data directory of the cluster, which is stopped and holds an empty table
    ///     `base/5/16384`.
    ///   - systemIdentifier: the cluster's number.
    ///   - checkpoint: where its last checkpoint record starts.
    /// - Throws: `.noCheckpoint` when no shutdown checkpoint lies there, or its log goes on.
    public static func adopt(
        _ source: any FileSystem, systemIdentifier: UInt64, checkpoint: LSN,
        segmentSize: SegmentSize = .oneMebibyte, on fileSystem: any FileSystem
    ) throws(OpenFailure) {
        let log = WALDirectory(fileSystem: source, segmentSize: segmentSize)
        let segment = segmentSize.number(containing: checkpoint)
        let begin = segmentSize.start(of: segment)
        // From the segment's first page on, which says whose it is.
        var scan = LogScan(
            log, Lineage(of: .first, TimelineHistory()), from: begin,
            systemIdentifier: systemIdentifier)
        var found = try scan.next()
        while let entry = found, entry.start < checkpoint { found = try scan.next() }
        guard let entry = found, entry.start == checkpoint,
            case .checkpoint(let content, shutdown: true) = entry.record.body,
            content.redo == checkpoint, content.timeline == .first, try scan.next() == nil
        else { throw .noCheckpoint(at: checkpoint) }
        let name = SegmentName(timeline: .first, number: segment).fileName(segmentSize)
        let bytes = try opening { () throws(IOFailure) in
            Array(
                try source.contents(of: WALDirectory.path + "/" + name).prefix(entry.end - begin))
        }
        let control = ControlData(
            systemIdentifier: systemIdentifier, state: .shutDown, timeline: .first,
            checkpoint: checkpoint, redo: checkpoint, segmentSize: segmentSize,
            nextXID: TransactionID(UInt32(truncatingIfNeeded: content.nextXID)),
            checkpointTime: PostgresTime(unixSeconds: content.time), files: .empty(at: entry.end))
        try fill(fileSystem, control, logFrom: begin, bytes)
    }
}
