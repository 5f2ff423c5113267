/// The main data of a logical message. PostgreSQL: `xl_logical_message`.
///
///     0 u32 database   8  u64 bytes of the prefix with its NUL   24 prefix, NUL
///     4 u8 transactional, 3 padding   16 u64 bytes of the content   .. content
struct LogicalMessage {
    let transactional: Bool
    let prefix: String
    let content: [UInt8]

    init(transactional: Bool, prefix: String, content: [UInt8]) {
        self.transactional = transactional
        self.prefix = prefix
        self.content = content
    }

    /// `nil` when the lengths do not add up or the prefix is not a text. The padding after the flag
    /// is not looked at: PostgreSQL leaves whatever was in memory there.
    init?(decoding bytes: [UInt8]) {
        var cursor = ByteCursor(bytes[...])
        guard cursor.integer(UInt32.self) != nil, let flag = cursor.integer(UInt8.self),
            cursor.bytes(3) != nil, let prefixLength = cursor.integer(UInt64.self),
            let contentLength = cursor.integer(UInt64.self),
            let prefix = cursor.bytes(Int(clamping: prefixLength)), prefix.last == 0,
            let content = cursor.bytes(Int(clamping: contentLength)), cursor.rest.isEmpty,
            let text = String(validating: prefix.dropLast(), as: UTF8.self)
        else { return nil }
        self.init(transactional: flag != 0, prefix: text, content: Array(content))
    }

    var body: RecordBody {
        .logicalMessage(transactional: transactional, prefix: prefix, content: content)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(25 + prefix.utf8.count + content.count)
        bytes.append(littleEndian: RelationLocator.kv.database)
        bytes.append(littleEndian: UInt32(transactional ? 1 : 0))
        bytes.append(littleEndian: UInt64(prefix.utf8.count + 1))
        bytes.append(littleEndian: UInt64(content.count))
        bytes.append(contentsOf: prefix.utf8)
        bytes.append(0)
        bytes.append(contentsOf: content)
        return bytes
    }
}
