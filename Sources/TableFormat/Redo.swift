public import WALFormat

/// Writing a change to a page into a Generic record, and doing it again from there.
extension BlockReference {
    /// The change of page `block` from `old` to `new`: as patches, or as a full image for a page
    /// that is new, or changed for the first time since the checkpoint; compressed, where that is
    /// asked for and helps.
    public init(
        relation: RelationLocator = .kv, block: UInt32, from old: HeapPage, to new: HeapPage,
        withImage: Bool, compressedWith method: ImageCompression? = nil
    ) {
        self.init(relation: relation, block: block)
        if withImage {
            image = PageImage(page: new.bytes, compressedWith: method)
        } else {
            data = PagePatch.encode(HeapPage.patches(from: old, to: new))
        }
    }
}

extension HeapPage {
    /// The page after redo of one block of a Generic record that ends at `end`. PostgreSQL:
    /// `XLogReadBufferForRedo`, `generic_redo`.
    ///
    /// - An image replaces the page, whatever it was.
    /// - Patches are applied unless the page's LSN says that they were; then the hole is cleared.
    /// - The page's LSN becomes `end`.
    public static func redo(
        _ reference: BlockReference, on page: HeapPage?, end: LSN
    ) throws(PageError) -> HeapPage {
        var redone: HeapPage
        if let image = reference.image, image.appliesOnRedo {
            redone = try HeapPage(restoring: image, of: reference.block)
        } else {
            guard let page, !page.isNeverWritten else {
                throw .missingPage(block: reference.block)
            }
            guard page.lsn < end else { return page }
            redone = page
            try redone.apply(encoded: reference.data)
            redone.zeroHole()
        }
        redone.setLSN(end)
        return redone
    }
}

extension HeapPage {
    fileprivate init(restoring image: PageImage, of block: UInt32) throws(PageError) {
        let bytes: [UInt8]
        do throws(PageImageError) { bytes = try image.restored() } catch {
            throw .image(block: block, error)
        }
        try self.init(bytes: bytes)
    }
}
