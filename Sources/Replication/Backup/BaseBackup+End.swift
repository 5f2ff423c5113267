import WALFormat
import WireProtocol

// The end: the WAL that belongs to the backup, its manifest, the last word.
extension BaseBackup {
    /// The shell has ended the backup. Gives the error if it is worth nothing.
    mutating func ended(_ end: End) -> ServerError? {
        guard case .ending = step else { return nil }
        step = .ready
        if start.isStandby, !end.isStandby { return Self.promoted }
        guard ranges(to: end) != nil else { return Self.offHistory(start.timeline) }
        self.end = end
        guard options.includesWAL else { return nil }
        do throws(ServerError) {
            let files = try walFiles(of: end)
            agenda += files.reversed().map { .onDisk($0, isWAL: true) }
            return nil
        } catch {
            return error
        }
    }

    /// The segments from the start to the end, whichever timeline they are of, then the histories.
    private func walFiles(of end: End) throws(ServerError) -> [BackupFile] {
        let first = segmentSize.number(containing: start.position)
        // The end is the byte after the last.
        let last = max(first, segmentSize.number(containing: end.position.advanced(by: -1)))
        var segments: [(name: SegmentName, file: BackupFile)] = []
        var histories: [BackupFile] = []
        for file in end.walFiles {
            let name = file.path.split(separator: "/").last ?? ""
            if let segment = SegmentName(fileName: name, size: segmentSize) {
                if (first...last).contains(segment.number) { segments.append((segment, file)) }
            } else if name.hasSuffix(".history") {
                histories.append(file)
            }
        }
        segments.sort { ($0.name.number, $0.name.timeline) < ($1.name.number, $1.name.timeline) }
        try check(segments, first, last, end)
        return segments.map(\.file) + histories.sorted { $0.path < $1.path }
    }

    private func check(
        _ segments: [(name: SegmentName, file: BackupFile)], _ first: UInt64, _ last: UInt64,
        _ end: End
    ) throws(ServerError) {
        guard !segments.isEmpty else { throw Self.failed("could not find any WAL files") }
        let numbers = Set(segments.map(\.name.number))
        if !numbers.contains(first) {
            let name = SegmentName(timeline: start.timeline, number: first).fileName(segmentSize)
            throw ServerError(
                code: .undefinedFile,
                message: "requested WAL segment \(name) has already been removed")
        }
        if let missing = (first...last).first(where: { !numbers.contains($0) }) {
            let name = SegmentName(timeline: end.timeline, number: missing).fileName(segmentSize)
            throw Self.failed("could not find WAL file \"\(name)\"")
        }
        if let odd = segments.first(where: { $0.file.byteCount != segmentSize.byteCount }) {
            let name = odd.name.fileName(segmentSize)
            throw Self.failed("unexpected WAL file size \"\(name)\"")
        }
    }

    private func ranges(to end: End) -> [BackupManifest.WALRange]? {
        BackupManifest.WALRange.all(
            from: start.position, on: start.timeline, to: end.position, on: end.timeline,
            end.history)
    }

    var manifestText: [UInt8] {
        guard let manifest, let end else { return [] }
        return manifest.finished(ranges(to: end) ?? [])
    }

    /// What is said after the archive and the manifest.
    var goodbye: [BackendMessage] {
        guard let end else { return [] }
        let position = BackupPositionReply(position: end.position, timeline: end.timeline)
        return [.copyDone] + position.messages
            + [.commandComplete("BASE_BACKUP"), .readyForQuery(.idle)]
    }

    // MARK: Refusals, in PostgreSQL's words

    private static var promoted: ServerError {
        ServerError(
            code: .objectNotInPrerequisiteState,
            message: "the standby was promoted during online backup",
            hint: "This means that the backup being taken is corrupt and should not be used."
                + " Try taking another online backup.")
    }

    private static func offHistory(_ timeline: Timeline) -> ServerError {
        failed("start timeline \(timeline) not found in history of end timeline")
    }

    private static func failed(_ message: String) -> ServerError {
        ServerError(code: .internalError, message: message)
    }
}
