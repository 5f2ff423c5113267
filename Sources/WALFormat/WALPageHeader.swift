/// The header at the start of every 8192 bytes of log. PostgreSQL: `XLogPageHeaderData`, and
/// `XLogLongPageHeaderData` on the first page of a segment.
///
///     0 u16 magic D110   8  u64 address of the page        24 u64 system identifier  (long only)
///     2 u16 info bits    16 u32 bytes still to come of a   32 u32 segment size
///     4 u32 timeline        record begun on an earlier     36 u32 page size
///                           page, those here included
///                        20 zero
///
/// - `remaining` counts record bytes only, no headers and no padding.
/// - We set "backup blocks removable", as PostgreSQL does while no base backup runs: it tells
///   outside archivers that they may drop full-page images. No program in the lab does.
struct WALPageHeader: Hashable {
    static let pageByteCount = 8192
    static let shortByteCount = 24
    static let longByteCount = 40
    static let magic: UInt16 = 0xD110

    enum Info {
        static let continuesRecord: UInt16 = 0x1
        static let long: UInt16 = 0x2
        static let imagesRemovable: UInt16 = 0x4
        static let replacesRecord: UInt16 = 0x8
        static let all: UInt16 = 0xF
    }

    /// What identifies a segment's file.
    struct Identity: Hashable {
        let systemIdentifier: UInt64
        let segmentByteCount: UInt32
        let pageByteCount: UInt32
    }

    let info: UInt16
    let timeline: Timeline
    let address: LSN
    let remaining: UInt32
    let identity: Identity?

    var continuesRecord: Bool { info & Info.continuesRecord != 0 }
    /// The record whose rest was expected here was given up; another one begins.
    var replacesRecord: Bool { info & Info.replacesRecord != 0 }

    /// Bytes of the header of the page at `address`.
    static func byteCount(at address: LSN, _ segmentSize: SegmentSize) -> Int {
        segmentSize.offset(of: address) == 0 ? longByteCount : shortByteCount
    }

    /// Appends the header of the page at `address`, in which `remaining` bytes of a record begun
    /// earlier are still to come.
    static func append(
        to bytes: inout [UInt8], address: LSN, timeline: Timeline, remaining: Int,
        segmentSize: SegmentSize, systemIdentifier: UInt64
    ) {
        let isLong = segmentSize.offset(of: address) == 0
        bytes.append(littleEndian: magic)
        bytes.append(
            littleEndian: Info.imagesRemovable | (isLong ? Info.long : 0)
                | (remaining > 0 ? Info.continuesRecord : 0))
        bytes.append(littleEndian: timeline.rawValue)
        bytes.append(littleEndian: address.rawValue)
        bytes.append(littleEndian: UInt64(remaining))
        guard isLong else { return }
        bytes.append(littleEndian: systemIdentifier)
        bytes.append(littleEndian: UInt32(segmentSize.byteCount))
        bytes.append(littleEndian: UInt32(pageByteCount))
    }
}

extension WALPageHeader {
    /// Reads the header of the page at `address` and checks it. PostgreSQL:
    /// `XLogReaderValidatePageHeader`.
    ///
    /// `nil` means that it ends too early. The checks come in the order of the bytes, so that the
    /// first that fails is the same however few bytes there are.
    static func read(
        _ bytes: ArraySlice<UInt8>, address: LSN, segmentSize: SegmentSize,
        systemIdentifier: UInt64?
    ) throws(WALPageProblem) -> WALPageHeader? {
        var cursor = ByteCursor(bytes)
        guard let magic = cursor.integer(UInt16.self), let info = cursor.integer(UInt16.self),
            let timeline = cursor.integer(UInt32.self), let found = cursor.integer(UInt64.self),
            let remaining = cursor.integer(UInt32.self), cursor.bytes(4) != nil
        else { return nil }
        if magic == 0 { throw .neverWritten }
        if magic != Self.magic { throw .magic(magic) }
        let isLong = info & Info.long != 0
        if info & ~Info.all != 0 || (segmentSize.offset(of: address) == 0 && !isLong) {
            throw .infoBits(info)
        }
        if found != address.rawValue { throw .address(LSN(found)) }
        var identity: Identity?
        if isLong {
            guard let long = Identity(from: &cursor) else { return nil }
            try long.check(segmentSize: segmentSize, systemIdentifier: systemIdentifier)
            identity = long
        }
        return WALPageHeader(
            info: info, timeline: Timeline(timeline), address: address, remaining: remaining,
            identity: identity)
    }

    /// Bytes the header takes up.
    var byteCount: Int { identity == nil ? Self.shortByteCount : Self.longByteCount }
}

extension WALPageHeader.Identity {
    fileprivate init?(from cursor: inout ByteCursor) {
        guard let system = cursor.integer(UInt64.self), let segment = cursor.integer(UInt32.self),
            let page = cursor.integer(UInt32.self)
        else { return nil }
        self.init(systemIdentifier: system, segmentByteCount: segment, pageByteCount: page)
    }

    fileprivate func check(
        segmentSize: SegmentSize, systemIdentifier expected: UInt64?
    ) throws(WALPageProblem) {
        if let expected, systemIdentifier != expected { throw .systemIdentifier(systemIdentifier) }
        if Int(segmentByteCount) != segmentSize.byteCount { throw .segmentSize(segmentByteCount) }
        if Int(pageByteCount) != WALPageHeader.pageByteCount { throw .pageSize(pageByteCount) }
    }
}
