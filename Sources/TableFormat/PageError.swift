public import WALFormat

/// Why bytes are not a page, or a change cannot be made to one. The offending value is in each
/// case.
public enum PageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A page has 8192 bytes.
    case wrongByteCount(Int)
    /// The header's three offsets are out of order, or the page has another size or version.
    case malformedHeader(lower: Int, upper: Int, special: Int)
    /// The page is not the one that was written to the file: torn by a power loss, or rotten.
    case checksum(stored: UInt16, computed: UInt16)
    /// The file ends before the page, or has nothing but zeros there.
    case neverWritten
    /// A patch is cut off in the middle: this many bytes were left.
    case truncatedPatch(rest: Int)
    /// A patch is empty or reaches past the page's end.
    case patchOutOfPage(offset: Int, byteCount: Int)
    /// Patches for a page that does not exist and of which there is no image.
    case missingPage(block: UInt32)
    /// The image in the log gives no page.
    case image(block: UInt32, PageImageError)

    /// One line.
    public var description: String {
        switch self {
        case .wrongByteCount(let count): "a page has 8192 bytes, not \(count)"
        case .malformedHeader(let lower, let upper, let special):
            "its header is not a page's: lower \(lower), upper \(upper), special \(special)"
        case .checksum(let stored, let computed):
            "checksum \(stored) stored, \(computed) computed"
        case .neverWritten: "there is nothing in its place"
        case .truncatedPatch(let rest): "a patch is cut off, \(rest) bytes are left of it"
        case .patchOutOfPage(let offset, let count):
            "a patch of \(count) bytes at \(offset) does not lie in the page"
        case .missingPage(let block): "there is neither page \(block) nor an image of it"
        case .image(let block, let error): "page \(block): \(error)"
        }
    }
}
