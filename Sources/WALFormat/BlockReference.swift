/// A page that a record changes, with its image, or with what its resource manager needs to redo
/// the change, or with both. PostgreSQL: `XLogRecordBlockHeader`.
public struct BlockReference: Hashable, Sendable {
    /// The file the page is in.
    public var relation: RelationLocator
    /// The page's number in its file, from 0.
    public var block: UInt32
    /// The fork of the file: 0 is the main one, the only one the lab writes.
    public var fork: UInt8
    /// Whether redo builds the page anew without reading the old one.
    public var willInitialize: Bool
    /// The whole page, if the record carries it.
    public var image: PageImage?
    /// Data for redo, at most 65,535 bytes; for a Generic record the encoded patches.
    public var data: [UInt8]

    /// A reference to page `block` of `relation`.
    public init(
        relation: RelationLocator = .kv, block: UInt32, fork: UInt8 = 0,
        willInitialize: Bool = false, image: PageImage? = nil, data: [UInt8] = []
    ) {
        self.relation = relation
        self.block = block
        self.fork = fork
        self.willInitialize = willInitialize
        self.image = image
        self.data = data
    }
}
