/// How the lab's servers name themselves. PostgreSQL's clients read the leading number.
public enum ServerIdentity {
    /// The value of `server_version`.
    public static let version = "15.0 (shiplog 0.1)"
}
