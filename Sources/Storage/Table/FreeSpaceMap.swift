/// Which pages have how much room. PostgreSQL keeps such a map on disk; the lab's is read off the
/// pages when a node begins to write.
///
/// - Room is known in steps of 32 bytes, rounded down, so a page that is answered has enough of it.
/// - Of the pages with enough room it answers one with little more than enough.
struct FreeSpaceMap: Sendable {
    private static let step = 32

    /// The page that took the last row without a better place; asked first.
    var target: UInt32?
    private var steps: [Int] = []
    /// The pages by their room; one that has changed since is passed over when met.
    private var pages = [[UInt32]](repeating: [], count: 8192 / step)

    /// Takes note of a page's room in bytes.
    mutating func note(_ block: UInt32, _ byteCount: Int) {
        let index = Int(block)
        if index >= steps.count {
            steps.append(contentsOf: repeatElement(0, count: index + 1 - steps.count))
        }
        let step = min(byteCount / Self.step, pages.count - 1)
        guard steps[index] != step else { return }
        steps[index] = step
        if step > 0 { pages[step].append(block) }
    }

    /// A page with room for a tuple of so many bytes.
    mutating func page(withRoomFor byteCount: Int) -> UInt32? {
        var step = (byteCount + Self.step - 1) / Self.step
        while step < pages.count {
            while let block = pages[step].last {
                if steps[Int(block)] == step { return block }
                pages[step].removeLast()
            }
            step += 1
        }
        return nil
    }
}
