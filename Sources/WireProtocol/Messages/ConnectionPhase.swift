/// What a client may send next on its connection.
public enum ConnectionPhase: Hashable, Sendable {
    /// Untyped packets, until a StartupMessage.
    case startup
    /// SASL answers only. The decoder enters it by itself after StartupMessage.
    case authenticating
    /// Every typed message. Entered when sending AuthenticationOK.
    case commands
    /// A replication stream: CopyData, CopyDone, Terminate. Entered when sending
    /// CopyBothResponse, and left (`.commands`) after CopyDone.
    case copyingBoth
}
