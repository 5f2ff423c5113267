/// What travels inside CopyData once replication streams; `w` and `k` down, `r` and `h` up.
public enum ReplicationMessage: Hashable, Sendable {
    /// `w`: a piece of WAL.
    case xLogData(XLogData)
    /// `k`: a sender's heartbeat.
    case keepalive(Keepalive)
    /// `r`: how far a replica got.
    case statusUpdate(StandbyStatus)
    /// `h`: what a replica's readers still need.
    case hotStandbyFeedback(HotStandbyFeedback)

    /// Decodes the payload of a CopyData message.
    ///
    /// PostgreSQL ignores bytes after the last field, and so does this.
    public init(decoding payload: [UInt8]) throws(FrameError) {
        guard let letter = payload.first else {
            throw .malformedCopyPayload(0, .insufficientData)
        }
        var reader = ByteReader(payload.dropFirst())
        do throws(Malformation) {
            switch Unicode.Scalar(letter) {
            case "w": self = .xLogData(try XLogData(from: &reader))
            case "k": self = .keepalive(try Keepalive(from: &reader))
            case "r": self = .statusUpdate(try StandbyStatus(from: &reader))
            case "h": self = .hotStandbyFeedback(try HotStandbyFeedback(from: &reader))
            default: throw .undefinedValue(Int(letter))
            }
        } catch .undefinedValue {
            throw .unknownCopyPayload(letter)
        } catch {
            throw .malformedCopyPayload(letter, error)
        }
    }

    /// The payload of a CopyData message.
    public func encoded() -> [UInt8] {
        Array(framed().dropFirst(5))
    }

    /// The whole CopyData message. WAL is copied once, straight into it.
    public func framed() -> [UInt8] {
        var writer = FrameWriter(FrontendMessage.Kind.copyData.rawValue, capacity: capacity)
        switch self {
        case .xLogData(let data): data.write(to: &writer)
        case .keepalive(let keepalive): keepalive.write(to: &writer)
        case .statusUpdate(let status): status.write(to: &writer)
        case .hotStandbyFeedback(let feedback): feedback.write(to: &writer)
        }
        return writer.finished()
    }

    private var capacity: Int {
        if case .xLogData(let data) = self { XLogData.headerLength + data.bytes.count } else { 34 }
    }
}
