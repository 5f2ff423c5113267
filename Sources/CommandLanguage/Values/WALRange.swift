package import WALFormat

/// Which records of a node's WAL to list.
package enum WALRange: Hashable, Sendable {
    /// `0/1000060`: the one record that holds this position.
    case record(at: LSN)
    /// `FROM..TO`: records that start at or after `from` and before `upTo`; `nil` leaves an end
    /// open.
    case records(from: LSN?, upTo: LSN?)

    /// Reads `LSN`, `LSN..LSN`, `LSN..` or `..LSN`; `nil` for anything else, also for a range that
    /// ends before it begins.
    package init?(_ text: String) {
        guard let dots = Self.splitAtDots(text) else {
            guard let position = LSN(text) else { return nil }
            self = .record(at: position)
            return
        }
        let from = LSN(dots.from)
        let upTo = LSN(dots.upTo)
        guard from != nil || dots.from.isEmpty, upTo != nil || dots.upTo.isEmpty else { return nil }
        guard from != nil || upTo != nil else { return nil }
        if let from, let upTo, upTo < from { return nil }
        self = .records(from: from, upTo: upTo)
    }

    private static func splitAtDots(_ text: String) -> (from: String, upTo: String)? {
        let bytes = Array(text.utf8)
        guard
            let at = bytes.indices.dropLast().first(where: {
                bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".")
            })
        else { return nil }
        return (
            String(decoding: bytes[..<at], as: UTF8.self),
            String(decoding: bytes[(at + 2)...], as: UTF8.self)
        )
    }
}
