/// What a client may send next.
public enum FrontendPhase: Hashable, Sendable {
    /// Untyped packets, until a StartupMessage.
    case startup
    /// SASL answers only. The decoder enters it by itself after StartupMessage.
    case authenticating
    /// Every typed message. Enter it when sending AuthenticationOK.
    case commands
    /// A replication stream: CopyData, CopyDone, Terminate. Enter it when sending
    /// CopyBothResponse, and leave it (`.commands`) after CopyDone.
    case copyingBoth
}
