/// The entry of a page's directory that says where a tuple lies. PostgreSQL: `ItemIdData`.
///
/// In the page: u32 = offset | state << 15 | length << 17.
public struct LinePointer: Hashable, Sendable {
    /// What an entry stands for. PostgreSQL: `LP_UNUSED` and on.
    public enum State: UInt8, Hashable, Sendable {
        /// Free for the next tuple.
        case unused = 0
        /// A tuple.
        case normal = 1
        /// Another entry of the page. The lab makes none.
        case redirect = 2
        /// A tuple that is gone.
        case dead = 3
    }

    /// Bytes of an entry in the page.
    static let byteCount = 4

    /// Where the tuple begins in the page.
    public let offset: Int
    /// The tuple's bytes.
    public let length: Int
    /// What the entry stands for.
    public let state: State

    static let unused = LinePointer(offset: 0, length: 0, state: .unused)

    init(offset: Int, length: Int, state: State) {
        self.offset = offset
        self.length = length
        self.state = state
    }

    init(word: UInt32) {
        offset = Int(word & 0x7FFF)
        length = Int(word >> 17)
        state =
            switch word >> 15 & 3 {
            case 0: .unused
            case 1: .normal
            case 2: .redirect
            default: .dead
            }
    }

    var word: UInt32 {
        UInt32(offset & 0x7FFF) | UInt32(state.rawValue) << 15 | UInt32(length & 0x7FFF) << 17
    }
}
