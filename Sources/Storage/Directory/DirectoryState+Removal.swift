internal import WALFormat

// WAL that is not needed any more.
extension DirectoryState {
    /// Removals may come undone one by one in a power loss, so there may be holes; and segments lie
    /// ahead of the log.
    func findOldestWAL() throws(DiskFailure) -> DiskResult {
        let numbers = Set(try wal.directory.segments().map(\.number))
        guard let newest = numbers.max() else { return .oldestWAL(nil) }
        var oldest = control.segmentSize.number(containing: max(control.redo, wal.writtenUpTo))
        while oldest > 0, numbers.contains(oldest - 1) { oldest -= 1 }
        return .oldestWAL(control.segmentSize.start(of: oldest), newest: newest)
    }

    /// The newest segment stays whatever is asked, for the log must have an end, and so do those
    /// that recovery needs, and those that the witness cannot read.
    ///
    /// - Parameter limit: the last segment, by number, that a recycled file may become.
    mutating func removeSegments(
        before position: LSN, recyclingUpTo limit: UInt64?
    ) throws(DiskFailure) -> DiskResult {
        let size = control.segmentSize
        let segments = try wal.directory.segments()
        let newest = segments.last?.number ?? 0
        let first = min(size.number(containing: min(position, control.redo)), newest)
        let doomed = segments.filter { $0.number < first }
        let partial = try wal.directory.partialSegments().filter { $0.number < first }
        guard !doomed.isEmpty || !partial.isEmpty else { return .segmentsRemoved([]) }
        if let removedCommits, !removedCommits.keep(fileSystem, before: size.start(of: first)) {
            return .segmentsRemoved([])
        }
        try wal.close()
        var recycler = SegmentRecycler(
            wal.directory, as: wal.timeline, after: wal.writtenUpTo, upTo: limit)
        for name in partial { try recycler.letGo(of: wal.directory.path(ofPartial: name)) }
        for name in doomed { try recycler.letGo(of: wal.directory.path(of: name)) }
        try asking { () throws(IOFailure) in
            try fileSystem.syncDirectory(WALDirectory.path)
        }
        return .segmentsRemoved(
            doomed.map { $0.fileName(size) }, recycledAs: recycler.names.map { $0.fileName(size) })
    }
}
