/// First in, first out, both at no cost worth naming.
struct Queue<Element> {
    private var stored: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == stored.count }
    var count: Int { stored.count - head }
    var first: Element? { isEmpty ? nil : stored[head] }
    var last: Element? { isEmpty ? nil : stored.last }
    /// Those that are in it, first to last.
    var elements: ArraySlice<Element> { stored[head...] }

    mutating func append(_ element: Element) {
        stored.append(element)
    }

    mutating func removeFirst() {
        head += 1
        guard isEmpty || head > 64 && head * 2 > stored.count else { return }
        stored.removeFirst(head)
        head = 0
    }

    /// Puts back in front what is left of the one that was taken out.
    mutating func putBack(_ element: Element) {
        if head > 0 {
            head -= 1
            stored[head] = element
        } else {
            stored.insert(element, at: 0)
        }
    }

    /// Changes the last `count` elements.
    mutating func changeLast(_ count: Int, _ body: (inout Element) -> Void) {
        for place in stored.indices.suffix(count) { body(&stored[place]) }
    }
}

extension Queue: Equatable where Element: Equatable {
    static func == (left: Queue, right: Queue) -> Bool { left.elements == right.elements }
}

extension Queue: Hashable where Element: Hashable {
    func hash(into hasher: inout Hasher) { hasher.combine(elements) }
}
