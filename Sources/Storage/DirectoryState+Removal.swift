internal import WALFormat

// WAL that is not needed any more.
extension DirectoryState {
    /// Removals may come undone one by one in a power loss, so there may be holes.
    func findOldestWAL() throws(DiskFailure) -> LSN? {
        let numbers = Set(try wal.directory.segments().map(\.number))
        guard var oldest = numbers.max() else { return nil }
        while oldest > 0, numbers.contains(oldest - 1) { oldest -= 1 }
        return control.segmentSize.start(of: oldest)
    }

    /// The newest segment stays whatever is asked, for the log must have an end, and so do those
    /// that recovery needs, and those that the witness cannot read.
    mutating func removeSegments(before position: LSN) throws(DiskFailure) -> [String] {
        let size = control.segmentSize
        let segments = try wal.directory.segments()
        let newest = segments.last?.number ?? 0
        let first = min(size.number(containing: min(position, control.redo)), newest)
        let doomed = segments.filter { $0.number < first }
        let partial = try wal.directory.partialSegments().filter { $0.number < first }
        guard !doomed.isEmpty || !partial.isEmpty else { return [] }
        if let testimony, !testimony.hear(fileSystem, before: size.start(of: first)) { return [] }
        try wal.close()
        try asking { () throws(IOFailure) in
            for name in partial { try fileSystem.remove(wal.directory.path(ofPartial: name)) }
            for name in doomed { try fileSystem.remove(wal.directory.path(of: name)) }
            try fileSystem.syncDirectory(WALDirectory.path)
        }
        return doomed.map { $0.fileName(size) }
    }
}
