internal import WALFormat

extension ByteReader {
    mutating func lsn() throws(Malformation) -> LSN { LSN(try integer()) }

    mutating func time() throws(Malformation) -> PostgresTime {
        PostgresTime(microseconds: try integer())
    }

    /// PostgreSQL: any byte but 0 is true.
    mutating func flag() throws(Malformation) -> Bool { try integer(UInt8.self) != 0 }
}

extension FrameWriter {
    mutating func letter(_ letter: Unicode.Scalar) { integer(UInt8(ascii: letter)) }
    mutating func lsn(_ position: LSN) { integer(position.rawValue) }
    mutating func time(_ time: PostgresTime) { integer(time.microseconds) }
    mutating func flag(_ flag: Bool) { integer(UInt8(flag ? 1 : 0)) }
}

extension XLogData {
    init(from reader: inout ByteReader) throws(Malformation) {
        start = try reader.lsn()
        walEnd = try reader.lsn()
        sentAt = try reader.time()
        bytes = reader.remainder()
    }

    /// The whole CopyData message but the WAL, which is to follow it.
    public func framedHead() -> [UInt8] {
        var writer = FrameWriter(
            FrontendMessage.Kind.copyData.rawValue, capacity: Self.headerLength)
        writeHead(to: &writer)
        return writer.finished(before: bytes.count)
    }

    func write(to writer: inout FrameWriter) {
        writeHead(to: &writer)
        writer.raw(bytes)
    }

    private func writeHead(to writer: inout FrameWriter) {
        writer.letter("w")
        writer.lsn(start)
        writer.lsn(walEnd)
        writer.time(sentAt)
    }
}

extension Keepalive {
    init(from reader: inout ByteReader) throws(Malformation) {
        walEnd = try reader.lsn()
        sentAt = try reader.time()
        replyRequested = try reader.flag()
    }

    func write(to writer: inout FrameWriter) {
        writer.letter("k")
        writer.lsn(walEnd)
        writer.time(sentAt)
        writer.flag(replyRequested)
    }
}

extension StandbyStatus {
    init(from reader: inout ByteReader) throws(Malformation) {
        write = try reader.lsn()
        flush = try reader.lsn()
        apply = try reader.lsn()
        sentAt = try reader.time()
        replyRequested = try reader.flag()
    }

    func write(to writer: inout FrameWriter) {
        writer.letter("r")
        writer.lsn(write)
        writer.lsn(flush)
        writer.lsn(apply)
        writer.time(sentAt)
        writer.flag(replyRequested)
    }
}

extension HotStandbyFeedback {
    init(from reader: inout ByteReader) throws(Malformation) {
        sentAt = try reader.time()
        xmin = try reader.integer()
        epoch = try reader.integer()
        catalogXmin = try reader.integer()
        catalogEpoch = try reader.integer()
    }

    func write(to writer: inout FrameWriter) {
        writer.letter("h")
        writer.time(sentAt)
        writer.integer(xmin)
        writer.integer(epoch)
        writer.integer(catalogXmin)
        writer.integer(catalogEpoch)
    }
}
