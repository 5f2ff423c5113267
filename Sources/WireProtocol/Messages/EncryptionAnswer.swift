/// The single byte, without length or type, that answers SSLRequest and GSSENCRequest.
public enum EncryptionAnswer: UInt8, Hashable, Sendable, CaseIterable {
    /// `N`: go on in the clear, or ask for something else.
    case refused = 0x4E
    /// `S`: a TLS handshake follows.
    case tls = 0x53
    /// `G`: a GSSAPI handshake follows.
    case gssapi = 0x47
}
