package import WALFormat

extension FileSystem {
    /// The log's bytes between two positions of one segment, as the files of a lineage have them;
    /// nil when some are not there. The node must be idle.
    package func logBytes(
        of lineage: Lineage, _ size: SegmentSize, from: LSN, upTo: LSN
    ) -> [UInt8]? {
        let directory = WALDirectory(fileSystem: self, segmentSize: size)
        guard let (_, file) = try? directory.open(size.number(containing: from), of: lineage),
            let bytes = try? file.read(at: size.offset(of: from), count: upTo - from),
            bytes.count == upTo - from
        else { return nil }
        return bytes
    }
}
