/// What a server asks of a client before it lets it in: message `R` of any kind but 0.
///
/// Only the bytes: who computes a SCRAM proof is not this type's business.
public enum AuthenticationChallenge: Hashable, Sendable {
    /// Kind 3: send the password as text.
    case cleartextPassword
    /// Kind 10: choose one of these mechanisms.
    case sasl(mechanisms: [String])
    /// Kind 11: the server's next SASL message.
    case saslContinue([UInt8])
    /// Kind 12: the server's last SASL message.
    case saslFinal([UInt8])
    /// A kind the lab does not speak (MD5, GSSAPI, …), with its bytes.
    case unsupported(kind: Int32, [UInt8])
}

extension AuthenticationChallenge {
    init(kind: Int32, from reader: inout ByteReader) throws(Malformation) {
        switch kind {
        case 3:
            self = .cleartextPassword
        case 10:
            var mechanisms: [String] = []
            while case let mechanism = try reader.cString(), !mechanism.isEmpty {
                mechanisms.append(mechanism)
            }
            self = .sasl(mechanisms: mechanisms)
        case 11: self = .saslContinue(reader.rest())
        case 12: self = .saslFinal(reader.rest())
        default: self = .unsupported(kind: kind, reader.rest())
        }
    }

    func write(to writer: inout FrameWriter) {
        switch self {
        case .cleartextPassword:
            writer.integer(Int32(3))
        case .sasl(let mechanisms):
            writer.integer(Int32(10))
            for mechanism in mechanisms { writer.cString(mechanism) }
            writer.integer(UInt8(0))
        case .saslContinue(let bytes):
            writer.integer(Int32(11))
            writer.raw(bytes)
        case .saslFinal(let bytes):
            writer.integer(Int32(12))
            writer.raw(bytes)
        case .unsupported(let kind, let bytes):
            writer.integer(kind)
            writer.raw(bytes)
        }
    }
}
