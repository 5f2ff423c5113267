import WALFormat
import WireProtocol

// From the first word to the end of the archive.
extension BaseBackup {
    /// A backup that begins now, for options that were not refused.
    init(_ options: BaseBackupOptions, start: Start, segmentSize: SegmentSize, now: PostgresTime) {
        self.options = options
        self.start = start
        self.segmentSize = segmentSize
        progress = Progress(reportedAt: now)
        throttle = options.maximumRate.map { BackupThrottle(rate: $0, now: now) }
        if options.manifest != .no {
            manifest = BackupManifest(
                options.manifestChecksums ?? .crc32c,
                encodesNames: options.manifest == .forceEncode)
        }
        agenda = Array(items(now: now).reversed())
    }

    private func items(now: PostgresTime) -> [Item] {
        let label = BackupLabel(
            start: start, segmentSize: segmentSize, label: options.label, startedAt: now)
        var items = [Self.generated("backup_label", Array(label.text.utf8), now)]
        // Empty, as there are no tablespaces.
        if options.tablespaceMap { items.append(Self.generated("tablespace_map", [], now)) }
        items += start.files.map { .onDisk($0, isWAL: false) }
        if !options.includesWAL { items.append(.trailer) }
        items.append(.end)
        if options.includesWAL { items.append(.trailer) }
        if manifest != nil { items.append(.manifest) }
        return items + [.goodbye]
    }

    private static func generated(
        _ path: String, _ content: [UInt8], _ now: PostgresTime
    ) -> Item {
        .generated(
            BackupFile(path: path, kind: .file(byteCount: content.count), modifiedAt: now), content)
    }

    /// What is said before the archive.
    var greeting: [BackendMessage] {
        let position = BackupPositionReply(position: start.position, timeline: start.timeline)
        let tablespaces = BackupTablespacesReply(
            kilobytes: options.progress ? Int64(expectedByteCount / 1024) : nil)
        return position.messages + tablespaces.messages + [.copyOutResponse()]
    }

    /// How the archive begins.
    var opening: [Action] { [.send(.archive(name: "base.tar", path: ""))] }

    /// Goes on as far as there is room, or until something must be read first.
    mutating func pump(now: PostgresTime, room: Int) -> [Action] {
        var actions: [Action] = []
        var room = room
        while room >= Self.stepByteCount, throttle?.isOpen(at: now) ?? true {
            let count = actions.count
            advance(now, &actions)
            let new = actions[count...]
            guard !new.isEmpty else { break }
            room -= new.reduce(0) { $0 + $1.byteCount }
        }
        return actions
    }

    /// One step. Adds nothing if an answer has to come first.
    private mutating func advance(_ now: PostgresTime, _ actions: inout [Action]) {
        switch step {
        case .ready:
            guard let item = agenda.popLast() else {
                step = .finished
                return
            }
            begin(item, now, &actions)
        case .between(let open):
            step = .reading(open)
            let count = min(open.file.byteCount - open.offset, Self.pieceByteCount)
            actions.append(
                .readFile(path: open.file.path, from: open.offset, byteCount: count))
        case .sendingManifest(let text, let sent):
            let piece = Array(text[sent..<min(text.count, sent + Self.pieceByteCount)])
            send(piece, now, &actions, countsAsArchive: false)
            let isOut = sent + piece.count == text.count
            step = isOut ? .ready : .sendingManifest(text, sent: sent + piece.count)
        case .reading, .ending, .finished:
            break
        }
    }

    private mutating func begin(_ item: Item, _ now: PostgresTime, _ actions: inout [Action]) {
        switch item {
        case .generated(let file, let content):
            var checksum = FileChecksum(options.manifestChecksums ?? .crc32c)
            checksum.update(content)
            send(TarHeader.bytes(of: file), now, &actions)
            send(content, now, &actions)
            send(TarHeader.padding(after: content.count), now, &actions)
            manifest?.add(file, checksum)
        case .onDisk(let file, let isWAL):
            begin(file, isWAL: isWAL, now, &actions)
        case .end:
            step = .ending
            actions.append(.end)
        case .trailer:
            send(TarHeader.trailer, now, &actions)
            report(now, &actions)
        case .manifest:
            actions.append(.send(.manifest))
            step = .sendingManifest(manifestText, sent: 0)
        case .goodbye:
            step = .finished
        }
    }

    private mutating func begin(
        _ file: BackupFile, isWAL: Bool, _ now: PostgresTime, _ actions: inout [Action]
    ) {
        let checksum = FileChecksum(isWAL ? .none : options.manifestChecksums ?? .crc32c)
        switch file.kind {
        case .directory:
            send(TarHeader.bytes(of: file), now, &actions)
        case .file where file.byteCount == 0:
            send(TarHeader.bytes(of: file), now, &actions)
            if !isWAL { manifest?.add(file, checksum) }
        case .file:
            step = .between(OpenFile(file: file, isWAL: isWAL, checksum: checksum))
            advance(now, &actions)
        }
    }

    /// The piece that was asked for, as much of it as there was; nil if the file is gone.
    mutating func fileRead(_ bytes: [UInt8]?, now: PostgresTime) -> [Action] {
        guard case .reading(var open) = step else { return [] }
        if bytes == nil, open.offset == 0 {
            step = .ready
            return []
        }
        var actions: [Action] = []
        if open.offset == 0 { send(TarHeader.bytes(of: open.file), now, &actions) }
        let count = min(open.file.byteCount - open.offset, Self.pieceByteCount)
        var piece = Array((bytes ?? []).prefix(count))
        piece += [UInt8](repeating: 0, count: count - piece.count)
        open.checksum.update(piece)
        open.offset += count
        send(piece, now, &actions)
        guard open.offset == open.file.byteCount else {
            step = .between(open)
            return actions
        }
        send(TarHeader.padding(after: open.offset), now, &actions)
        if !open.isWAL { manifest?.add(open.file, open.checksum) }
        step = .ready
        return actions
    }

    // MARK: Bytes

    private mutating func send(
        _ bytes: [UInt8], _ now: PostgresTime, _ actions: inout [Action],
        countsAsArchive: Bool = true
    ) {
        guard !bytes.isEmpty else { return }
        actions.append(.send(.data(bytes)))
        throttle?.sent(bytes.count, at: now)
        guard countsAsArchive else { return }
        progress.byteCount += bytes.count
        // Often enough to look at the clock; seldom enough to say something.
        guard progress.byteCount - progress.checkedByteCount >= 65_536 else { return }
        progress.checkedByteCount = progress.byteCount
        if now >= progress.reportedAt.advanced(by: .seconds(1)) { report(now, &actions) }
    }

    private mutating func report(_ now: PostgresTime, _ actions: inout [Action]) {
        progress.reportedAt = now
        actions.append(.send(.progress(Int64(progress.byteCount))))
    }
}

extension BaseBackup.Action {
    /// How much room it takes, frames aside.
    fileprivate var byteCount: Int {
        if case .send(.data(let bytes)) = self { bytes.count } else { 0 }
    }
}
