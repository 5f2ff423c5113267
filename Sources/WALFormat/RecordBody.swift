/// What a record of a kind the lab writes means. PostgreSQL: its resource managers' record structs.
///
/// It is a view: a record of PostgreSQL's own that says more than we know (a commit with
/// subtransactions, a message from another database) shows what we know of it, and one that we
/// know nothing of shows as `other`.
public enum RecordBody: Hashable, Sendable {
    /// Redo can begin at the checkpoint's `redo`.
    case checkpoint(CheckPoint, shutdown: Bool)
    /// A promotion: from here on the log is `timeline`'s.
    case endOfRecovery(time: PostgresTime, timeline: Timeline, previousTimeline: Timeline)
    /// The rest of the segment is empty. `WALInserter.switchSegment()` writes it.
    case switchSegment
    /// Nothing happened.
    case noop
    /// The record's transaction is over and its changes count.
    case commit(PostgresTime)
    /// The record's transaction is over and its changes do not count.
    case abort(PostgresTime)
    /// Pages changed: an image or patches each.
    case generic([BlockReference])
    /// A message that redo passes over. The prefix must not contain a NUL.
    case logicalMessage(transactional: Bool, prefix: String, content: [UInt8])
    /// A record of some other kind. It cannot be made from this.
    case other
}

/// The `info` bits that tell the records of one resource manager apart.
private enum Info {
    static let checkpointShutdown: UInt8 = 0x00
    static let checkpointOnline: UInt8 = 0x10
    static let noop: UInt8 = 0x20
    static let switchSegment: UInt8 = 0x40
    static let endOfRecovery: UInt8 = 0x90
    static let commit: UInt8 = 0x00
    static let abort: UInt8 = 0x20
    /// A transaction record's highest bit says that it carries more.
    static let transactionMask: UInt8 = 0x70
    static let mask: UInt8 = 0xF0
}

extension WALRecord {
    /// The record of `body` by transaction `xid`. `other` says too little for a record and traps.
    public init(xid: TransactionID = .invalid, body: RecordBody) {
        switch body {
        case .checkpoint(let checkPoint, let shutdown):
            self.init(
                xid: xid, resourceManager: ResourceManager.xlog,
                info: shutdown ? Info.checkpointShutdown : Info.checkpointOnline,
                mainData: checkPoint.encoded())
        case .endOfRecovery(let time, let timeline, let previousTimeline):
            self.init(
                xid: xid, resourceManager: ResourceManager.xlog, info: Info.endOfRecovery,
                mainData: time.encoded())
            mainData.append(littleEndian: timeline.rawValue)
            mainData.append(littleEndian: previousTimeline.rawValue)
        case .switchSegment:
            self.init(
                xid: xid, resourceManager: ResourceManager.xlog, info: Info.switchSegment)
        case .noop:
            self.init(xid: xid, resourceManager: ResourceManager.xlog, info: Info.noop)
        case .commit(let time):
            self.init(
                xid: xid, resourceManager: ResourceManager.transaction, info: Info.commit,
                mainData: time.encoded())
        case .abort(let time):
            self.init(
                xid: xid, resourceManager: ResourceManager.transaction, info: Info.abort,
                mainData: time.encoded())
        case .generic(let blocks):
            self.init(xid: xid, resourceManager: ResourceManager.generic, blocks: blocks)
        case .logicalMessage(let transactional, let prefix, let content):
            let message = LogicalMessage(
                transactional: transactional, prefix: prefix, content: content)
            self.init(
                xid: xid, resourceManager: ResourceManager.logicalMessage,
                mainData: message.encoded())
        case .other:
            preconditionFailure("`other` does not say what to write")
        }
    }

    /// What the record means.
    public var body: RecordBody {
        switch resourceManager {
        case ResourceManager.xlog: xlogBody
        case ResourceManager.transaction: transactionBody
        case ResourceManager.generic: .generic(blocks)
        case ResourceManager.logicalMessage: LogicalMessage(decoding: mainData)?.body ?? .other
        default: .other
        }
    }

    private var xlogBody: RecordBody {
        switch info & Info.mask {
        case Info.checkpointShutdown, Info.checkpointOnline:
            guard let checkPoint = CheckPoint(decoding: mainData) else { return .other }
            return .checkpoint(
                checkPoint, shutdown: info & Info.mask == Info.checkpointShutdown)
        case Info.endOfRecovery:
            guard mainData.count == 16 else { return .other }
            return .endOfRecovery(
                time: PostgresTime(
                    microseconds: mainData.load(littleEndian: Int64.self, at: 0)),
                timeline: Timeline(mainData.load(littleEndian: UInt32.self, at: 8)),
                previousTimeline: Timeline(mainData.load(littleEndian: UInt32.self, at: 12)))
        case Info.switchSegment: return .switchSegment
        case Info.noop: return .noop
        default: return .other
        }
    }

    private var transactionBody: RecordBody {
        guard mainData.count >= 8 else { return .other }
        let time = PostgresTime(microseconds: mainData.load(littleEndian: Int64.self, at: 0))
        switch info & Info.transactionMask {
        case Info.commit: return .commit(time)
        case Info.abort: return .abort(time)
        default: return .other
        }
    }

    /// Whether the rest of the record's segment is empty.
    var isSegmentSwitch: Bool {
        resourceManager == ResourceManager.xlog && info & Info.mask == Info.switchSegment
    }
}

extension PostgresTime {
    fileprivate func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: microseconds)
        return bytes
    }
}

extension WALRecord {
    /// Whether it makes its transaction count; cheaper than `body`.
    public var isCommit: Bool {
        resourceManager == ResourceManager.transaction
            && info & Info.transactionMask == Info.commit
    }
}
