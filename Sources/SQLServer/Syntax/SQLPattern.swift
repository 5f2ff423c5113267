/// What LIKE compares with: `%` stands for any characters, `_` for one, `\\` takes the next as it
/// is.
package struct SQLPattern: Hashable, Sendable {
    fileprivate enum Part: Hashable {
        case anything
        case anyCharacter
        case character(Unicode.Scalar)
    }

    private let parts: [Part]

    /// Nil: it ends with the escape character (22025).
    package init?(_ text: String) {
        var parts: [Part] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where isEscaped:
                parts.append(.character(scalar))
                isEscaped = false
            case "\\": isEscaped = true
            case "%": if parts.last != .anything { parts.append(.anything) }
            case "_": parts.append(.anyCharacter)
            default: parts.append(.character(scalar))
            }
        }
        guard !isEscaped else { return nil }
        self.parts = parts
    }

    /// Whether a text is like it. PostgreSQL: `MatchText`; here in one pass that comes back to the
    /// last `%` only, so that no pattern takes long.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var (place, part) = (0, 0)
        var retry: (place: Int, part: Int)?
        while place < text.count {
            if part < parts.count, parts[part] == .anything {
                retry = (place, part)
                part += 1
            } else if part < parts.count, parts[part].fits(text[place]) {
                (place, part) = (place + 1, part + 1)
            } else if let last = retry {
                retry = (last.place + 1, last.part)
                (place, part) = (last.place + 1, last.part + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .anything }
    }
}

extension SQLPattern.Part {
    fileprivate func fits(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .anything: false
        case .anyCharacter: true
        case .character(let own): own == scalar
        }
    }
}
