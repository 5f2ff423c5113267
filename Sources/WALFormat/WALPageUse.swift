/// What a page of a segment file holds, as far as its header says.
public enum WALPageUse: Hashable, Sendable {
    /// Zeros: never written since the file was made.
    case empty
    /// Log of an earlier use of the file, which had another name then: the page was written for a
    /// place that lies so many whole segments before this one. PostgreSQL's "unexpected pageaddr".
    case stale(segmentsBefore: UInt64)
    /// Log of this place, or what cannot be told.
    case unknown

    /// Looks at the page that begins at `address`, a multiple of 8192; `page` is all of it.
    public init(_ page: ArraySlice<UInt8>, at address: LSN, _ segmentSize: SegmentSize) {
        if page.allSatisfy({ $0 == 0 }) {
            self = .empty
            return
        }
        do throws(WALPageProblem) {
            _ = try WALPageHeader.read(
                page, address: address, segmentSize: segmentSize, systemIdentifier: nil)
            self = .unknown
        } catch {
            guard case .address(let found) = error, found < address,
                (address - found).isMultiple(of: segmentSize.byteCount)
            else {
                self = .unknown
                return
            }
            self = .stale(segmentsBefore: UInt64((address - found) / segmentSize.byteCount))
        }
    }
}
