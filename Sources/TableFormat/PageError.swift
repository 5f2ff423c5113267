/// Why bytes are not a page, or a change cannot be made to one. The offending value is in each
/// case.
public enum PageError: Error, Hashable, Sendable {
    /// A page has 8192 bytes.
    case wrongByteCount(Int)
    /// The header's three offsets are out of order, or the page has another size or version.
    case malformedHeader(lower: Int, upper: Int, special: Int)
    /// A patch is cut off in the middle: this many bytes were left.
    case truncatedPatch(rest: Int)
    /// A patch is empty or reaches past the page's end.
    case patchOutOfPage(offset: Int, byteCount: Int)
    /// Patches for a page that does not exist and of which there is no image.
    case missingPage(block: UInt32)
}
