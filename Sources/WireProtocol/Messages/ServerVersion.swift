/// The version that a node says it is, wherever it says one. Clients read the leading number.
package enum ServerVersion {
    /// The value of `server_version`.
    package static let text = "15.0 (shiplog)"
    /// The value of `server_version_num`.
    package static let number = 150_000
}
