internal import Cluster
internal import DatabaseNode

/// What libpq is told to reach a node: `host=127.0.0.1 port=5432 user=postgres dbname=postgres`.
/// PostgreSQL: libpq's keyword/value connection strings.
struct ConnectionString {
    let host: String
    let port: Int
    let password: Password?
    let isEncrypted: Bool

    var text: String {
        var words = ["host=\(host)", "port=\(port)", "user=postgres", "dbname=postgres"]
        if let password { words.append("password=\(Self.quoted(password.text))") }
        if isEncrypted { words.append("sslmode=require") }
        return words.joined(separator: " ")
    }

    /// A value with a space or a quote in it needs quotes around it.
    private static func quoted(_ value: String) -> String {
        let needsEscape: Set<Character> = ["'", "\\"]
        guard value.contains(where: { $0 == " " || needsEscape.contains($0) }) else { return value }
        return "'" + value.map { needsEscape.contains($0) ? "\\\($0)" : "\($0)" }.joined() + "'"
    }
}
