internal import TableFormat
internal import WALFormat

extension DirectoryComparison {
    /// Both directories, and what can be said of their logs.
    struct Sides {
        let left: DirectoryAtRest
        let right: DirectoryAtRest

        init(
            _ left: any FileSystem, _ right: any FileSystem
        ) throws(ComparisonFailure) {
            self.left = try reading(isLeft: true) { () throws(OpenFailure) in
                try DirectoryAtRest(left)
            }
            self.right = try reading(isLeft: false) { () throws(OpenFailure) in
                try DirectoryAtRest(right)
            }
        }

        /// The position up to which both should be the same.
        var through: LSN {
            let shorter = min(left.log.end, right.log.end)
            return left.divergence(from: right).map { min($0, shorter) } ?? shorter
        }

        var walStart: LSN { min(through, max(left.oldest, right.oldest)) }

        /// The side whose files are newer than that position and whose log begins behind it; nil
        /// when there is none.
        var outOfReach: Outcome? {
            if !left.reaches(backTo: through) {
                return .outOfReach(isLeft: true, walStart: left.begin)
            }
            return right.reaches(backTo: through)
                ? nil : .outOfReach(isLeft: false, walStart: right.begin)
        }

        /// The tables at that position.
        func tables() throws(ComparisonFailure) -> Tables {
            let position = through
            return Tables(
                left: try reading(isLeft: true) { () throws(OpenFailure) in
                    try left.table(at: position)
                },
                right: try reading(isLeft: false) { () throws(OpenFailure) in
                    try right.table(at: position)
                })
        }

        /// The first byte of the logs that differs. A log that is damaged ends at its damage, and
        /// what is wrong lies behind: then as far as the other log goes.
        func walDifference() throws(ComparisonFailure) -> Difference? {
            let isDamaged = left.log.damage != nil || right.log.damage != nil
            var end = isDamaged ? max(left.log.end, right.log.end) : through
            if let shared = left.lastShared(with: right) { end = min(end, shared) }
            let size = left.control.segmentSize
            var position = walStart
            while position < end {
                let stop = min(end, size.start(of: size.number(containing: position) + 1))
                if let found = try difference(from: position, upTo: stop) { return found }
                position = stop
            }
            return nil
        }

        private func difference(
            from start: LSN, upTo end: LSN
        ) throws(ComparisonFailure) -> Difference? {
            let mine = try reading(isLeft: true) { () throws(OpenFailure) in
                try left.bytes(from: start, upTo: end)
            }
            let theirs = try reading(isLeft: false) { () throws(OpenFailure) in
                try right.bytes(from: start, upTo: end)
            }
            guard let index = mine.firstDifference(from: theirs) else { return nil }
            let place = left.place(of: start.advanced(by: index))
            return Difference(
                file: place.file, offset: place.offset,
                left: index < mine.count ? mine[index] : nil,
                right: index < theirs.count ? theirs[index] : nil)
        }
    }

    /// Both tables at one position.
    struct Tables {
        let left: Database
        let right: Database

        /// The first page that is not the same, or cannot be known; nil when all are the same.
        func pageOutcome(at position: LSN) -> Outcome? {
            for index in 0..<max(left.pages.count, right.pages.count) {
                let mine = index < left.pages.count ? left.pages[index] : nil
                let theirs = index < right.pages.count ? right.pages[index] : nil
                let block = UInt32(truncatingIfNeeded: index)
                if let newer = [mine, theirs].compactMap(\.self).first(where: { $0.lsn > position })
                {
                    // The other side has no such page yet: it was made behind the position.
                    if mine == nil || theirs == nil { continue }
                    return .unknowable(block: block, pageLSN: newer.lsn)
                }
                let bytes = (mine?.bytes ?? [], theirs?.bytes ?? [])
                guard let offset = bytes.0.firstDifference(from: bytes.1) else { continue }
                return .different(
                    Difference(
                        file: DirectoryLayout.relation,
                        offset: index * HeapPage.byteCount + offset,
                        left: offset < bytes.0.count ? bytes.0[offset] : nil,
                        right: offset < bytes.1.count ? bytes.1[offset] : nil))
            }
            return nil
        }

        var commitLogPages: [UInt32] {
            Set(left.commitLog.pageNumbers + right.commitLog.pageNumbers).sorted()
        }

        /// A page that one side has not is all zeros: nothing has ended.
        func commitLogDifference() -> Difference? {
            for page in commitLogPages {
                let mine = left.commitLog.bytes(ofPage: page)
                let theirs = right.commitLog.bytes(ofPage: page)
                guard let offset = mine.firstDifference(from: theirs) else { continue }
                let file = CommitLog.file(ofPage: page)
                return Difference(
                    file: DirectoryLayout.commitLog + "/" + file.name, offset: file.offset + offset,
                    left: mine[offset], right: theirs[offset])
            }
            return nil
        }
    }
}

/// Reads one side of a comparison.
private func reading<Answer>(
    isLeft: Bool, _ body: () throws(OpenFailure) -> Answer
) throws(ComparisonFailure) -> Answer {
    do {
        return try body()
    } catch {
        throw ComparisonFailure(isLeft: isLeft, reason: error)
    }
}
