internal import CommandLanguage

extension JSONValue {
    /// An object of these members, in this order.
    static func members(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONMember($0.0, $0.1) })
    }
}
