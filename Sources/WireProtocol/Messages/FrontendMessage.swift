/// Everything a client may say: the untyped first packets, then the typed messages.
public enum FrontendMessage: Hashable, Sendable {
    /// The longest there is; PostgreSQL takes 1 GiB, the lab needs no more than this.
    static let maximumByteCount = 1 << 20

    /// Untyped: may we speak TLS? Answered by one byte (`EncryptionAnswer`).
    case sslRequest
    /// Untyped: may we encrypt by GSSAPI? Answered by one byte.
    case gssencRequest
    /// Untyped: stop what that session is doing, then close.
    case cancelRequest(processID: Int32, secretKey: Int32)
    /// Untyped: open a session.
    case startup(StartupMessage)

    /// `Q`: run these statements.
    case query(String)
    /// `p`: a password, or a SASL answer; raw, since only the exchange knows which.
    case password([UInt8])
    /// `P`: prepare a statement.
    case parse(Parse)
    /// `B`: make a portal.
    case bind(Bind)
    /// `D`: say what a statement or a portal takes and gives.
    case describe(PreparedObject)
    /// `E`: run a portal; at most this many rows, 0 for all.
    case execute(portal: String, maximumRows: Int32)
    /// `C`: forget a statement or a portal.
    case close(PreparedObject)
    /// `S`: end of an extended-query group; answered by ReadyForQuery.
    case sync
    /// `H`: send what is pending.
    case flush
    /// `d`: a piece of a COPY stream; in replication, a `ReplicationMessage`.
    case copyData([UInt8])
    /// `c`: the client's COPY stream is over.
    case copyDone
    /// `f`: the client gives its COPY up, and why.
    case copyFail(String)
    /// `X`: goodbye.
    case terminate

    /// A cleartext password, as `.password` carries it.
    public static func cleartextPassword(_ text: String) -> FrontendMessage {
        .password(text.utf8.prefix { $0 != 0 } + [0])
    }

    /// The type byte; `nil` for the untyped first packets.
    public var type: UInt8? { kind?.rawValue }
}

extension FrontendMessage {
    /// The letters of the typed messages.
    enum Kind: UInt8, CaseIterable {
        case bind = 0x42  // B
        case close = 0x43  // C
        case describe = 0x44  // D
        case execute = 0x45  // E
        case flush = 0x48  // H
        case parse = 0x50  // P
        case query = 0x51  // Q
        case sync = 0x53  // S
        case terminate = 0x58  // X
        case copyDone = 0x63  // c
        case copyData = 0x64  // d
        case copyFail = 0x66  // f
        case password = 0x70  // p
    }

    var kind: Kind? {
        switch self {
        case .sslRequest, .gssencRequest, .cancelRequest, .startup: nil
        case .query: .query
        case .password: .password
        case .parse: .parse
        case .bind: .bind
        case .describe: .describe
        case .execute: .execute
        case .close: .close
        case .sync: .sync
        case .flush: .flush
        case .copyData: .copyData
        case .copyDone: .copyDone
        case .copyFail: .copyFail
        case .terminate: .terminate
        }
    }
}
