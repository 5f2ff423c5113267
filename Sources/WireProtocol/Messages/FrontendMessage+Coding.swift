extension FrontendMessage {
    /// The codes that stand where a startup packet has its version.
    enum RequestCode {
        static let cancel: UInt32 = 80_877_102
        static let ssl: UInt32 = 80_877_103
        static let gssenc: UInt32 = 80_877_104
    }

    /// The message as it goes on the wire.
    public func encoded() -> [UInt8] {
        if case .startup(let startup) = self { return startup.encoded() }
        var writer = FrameWriter(type, capacity: capacity)
        write(to: &writer)
        return writer.finished()
    }

    /// Decodes the payload of one typed message.
    init(_ kind: Kind, decoding payload: ArraySlice<UInt8>) throws(Malformation) {
        var reader = ByteReader(payload)
        switch kind {
        case .query: self = .query(try reader.cString())
        case .password: self = .password(reader.rest())
        case .parse: self = .parse(try Parse(from: &reader))
        case .bind: self = .bind(try Bind(from: &reader))
        case .describe: self = .describe(try PreparedObject(from: &reader))
        case .execute:
            let portal = try reader.cString()
            self = .execute(portal: portal, maximumRows: try reader.integer())
        case .close: self = .close(try PreparedObject(from: &reader))
        case .sync: self = .sync
        case .flush: self = .flush
        case .copyData: self = .copyData(reader.rest())
        case .copyDone: self = .copyDone
        case .copyFail: self = .copyFail(try reader.cString())
        case .terminate: self = .terminate
        }
        try reader.end()
    }

    /// Room to reserve, so that the messages that can be long are copied once.
    private var capacity: Int {
        switch self {
        case .query(let text): text.utf8.count + 1
        case .copyData(let bytes), .password(let bytes): bytes.count
        case .sslRequest, .gssencRequest, .cancelRequest, .startup, .parse, .bind, .describe,
            .execute, .close, .sync, .flush, .copyDone, .copyFail, .terminate:
            64
        }
    }

    private func write(to writer: inout FrameWriter) {
        switch self {
        case .startup: break  // Encodes itself.
        case .sslRequest: writer.integer(RequestCode.ssl)
        case .gssencRequest: writer.integer(RequestCode.gssenc)
        case .cancelRequest(let processID, let secretKey):
            writer.integer(RequestCode.cancel)
            writer.integer(processID)
            writer.integer(secretKey)
        case .query(let text), .copyFail(let text): writer.cString(text)
        case .password(let bytes), .copyData(let bytes): writer.raw(bytes)
        case .parse(let parse): parse.write(to: &writer)
        case .bind(let bind): bind.write(to: &writer)
        case .describe(let object), .close(let object): object.write(to: &writer)
        case .execute(let portal, let maximumRows):
            writer.cString(portal)
            writer.integer(maximumRows)
        case .sync, .flush, .copyDone, .terminate: break
        }
    }
}
