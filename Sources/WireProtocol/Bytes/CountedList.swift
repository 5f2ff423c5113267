/// A list as messages carry it: `UInt16 n`, then n elements.
extension ByteReader {
    mutating func list<Element>(
        _ element: (inout ByteReader) throws(Malformation) -> Element
    ) throws(Malformation) -> [Element] {
        var elements: [Element] = []
        // The count is not believed: memory grows with the elements that are really there.
        for _ in 0..<(try integer(UInt16.self)) { elements.append(try element(&self)) }
        return elements
    }
}

extension FrameWriter {
    /// Callers bound their lists: 1664 result columns, and what one `UInt16` can count elsewhere.
    mutating func list<Element>(
        _ elements: [Element], _ write: (inout FrameWriter, Element) -> Void
    ) {
        let counted = elements.prefix(Int(UInt16.max))
        integer(UInt16(counted.count))
        for element in counted { write(&self, element) }
    }
}
