// What is wrong with bytes that are no log, in words.

extension EndReason {
    /// One clause.
    public var description: String {
        switch self {
        case .neverWritten: "nothing was ever written there"
        case .invalidPosition: "no record can begin there"
        case .lengthOutOfRange(let length): "a record cannot have \(length) bytes"
        case .wrongPrevious(let found, let expected):
            "the record names \(found) as the one before it"
                + (expected.map { ", and that is at \($0)" } ?? "")
        case .unknownResourceManager(let number): "there is no resource manager \(number)"
        case .page(let lsn, let problem): "the page at \(lsn) \(problem)"
        case .unreadable(let error): "the record cannot be read: \(error)"
        }
    }
}

extension WALPageProblem {
    /// One clause, whose subject is the page.
    public var description: String {
        switch self {
        case .neverWritten: "was never written"
        case .magic(let number): "has magic number \(String(number, radix: 16, uppercase: true))"
        case .infoBits(let bits): "has info bits \(String(bits, radix: 16, uppercase: true))"
        case .address(let lsn): "was written for \(lsn)"
        case .systemIdentifier(let number): "is of cluster \(number)"
        case .segmentSize(let count): "is of segments of \(count) bytes"
        case .pageSize(let count): "is of pages of \(count) bytes"
        case .timelineWentBack(let timeline): "is of timeline \(timeline), which is older"
        case .unexpectedContinuation: "goes on with a record that did not begin"
        case .missingContinuation: "does not go on with the record before it"
        case .remainingLength(let found, let expected):
            "goes on with \(found) bytes of a record that has \(expected) left"
        }
    }
}

extension WALRecordError {
    /// One clause.
    public var description: String {
        switch self {
        case .lengthsDisagree(let stated, let actual): "it says \(stated) bytes and has \(actual)"
        case .lengthOutOfRange(let length): "a record cannot have \(length) bytes"
        case .checksumMismatch(let stored, let computed):
            "checksum \(String(stored, radix: 16)) stored, \(String(computed, radix: 16)) computed"
        case .unknownResourceManager(let number): "there is no resource manager \(number)"
        case .unknownFragment(let number): "it has a part of kind \(number)"
        case .blockOutOfOrder(let block): "block \(block) is out of order"
        case .blockDataFlagDisagrees(let block, let length):
            "block \(block) says of its \(length) bytes that there are none, or the other way round"
        case .noPreviousRelation(let block): "block \(block) is of a relation that was not named"
        case .impossibleImage(let block, _, _, _): "the image of block \(block) is no page"
        case .unreadableImage(let block, _):
            "the image of block \(block) is compressed with lz4 or zstd"
        case .fragmentsDisagree(let rest): "\(rest) bytes are left that are no part of it"
        }
    }
}
