/// The rule for slot names: 1 to 63 of `a-z 0-9 _`. PostgreSQL: `ReplicationSlotValidateName`.
public enum SlotName {
    /// The error PostgreSQL gives for this name, or `nil` if it may be used.
    public static func error(in name: String) -> ServerError? {
        guard !name.isEmpty else {
            return ServerError(
                code: .invalidName, message: #"replication slot name "" is too short"#)
        }
        guard name.utf8.count <= 63 else {
            return ServerError(
                code: .invalidName, message: #"replication slot name "\#(name)" is too long"#,
                hint: "A slot name has at most 63 characters.")
        }
        guard name.utf8.allSatisfy(isAllowed) else {
            return ServerError(
                code: .invalidName,
                message: #"replication slot name "\#(name)" contains invalid character"#,
                hint: "Replication slot names may only contain lower case letters, numbers, "
                    + "and the underscore character.")
        }
        return nil
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
