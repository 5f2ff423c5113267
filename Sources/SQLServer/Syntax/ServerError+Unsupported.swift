package import WireProtocol

extension ServerError {
    /// SQL that this server has no use for.
    package static func unsupported(_ what: String) -> ServerError {
        ServerError(
            code: .featureNotSupported, message: "\(what) is not supported by this lab",
            hint: "Use SELECT, INSERT, UPDATE or DELETE on the table kv(key text, value text).")
    }
}
