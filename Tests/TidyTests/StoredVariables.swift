/// A type with many variables that anybody may set has no states, only combinations: what belongs
/// together becomes a value with its own functions, or is set by the type's own file alone.
///
/// Read by indentation, which the formatter keeps.
enum StoredVariables {
    /// So many variables of one type may be set by files other than its own.
    static let limit = 12

    /// Records whose fields are given by others, and what is not ours to shape.
    static let exceptions = [
        "CheckPoint": "the fields of PostgreSQL's checkpoint record",
        "BaseBackupOptions": "the options of PostgreSQL's BASE_BACKUP",
        "Shiplog": "the options of the program, as ArgumentParser wants them",
    ]

    /// How many such variables each type of a file declares.
    static func counts(_ file: Repository.File) -> [String: Int] {
        var counts: [String: Int] = [:]
        var open: [(name: String, indent: Int)] = []
        let lines = file.lines
        for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            let indent = line.prefix { $0 == " " }.count
            while let last = open.last, indent <= last.indent, !isContinuation(line) {
                open.removeLast()
            }
            let words = line.split(whereSeparator: { " :(<".contains($0) }).map(String.init)
            if let type = declaredType(words) {
                open.append((type, indent))
            } else if let type = open.last, indent == type.indent + 4,
                isSettable(line, next: number + 1 < lines.count ? lines[number + 1] : "")
            {
                counts[type.name, default: 0] += 1
            }
        }
        return counts
    }

    static func breaches(_ file: Repository.File) -> [String] {
        counts(file).filter { $0.value > limit && exceptions[$0.key] == nil }.map {
            "\(file.path): other files may set \($0.value) variables of \($0.key), at most \(limit)"
        }.sorted()
    }

    private static func isContinuation(_ line: String) -> Bool {
        line.drop { $0 == " " }.first.map { ")}".contains($0) } ?? false
    }

    private static func declaredType(_ words: [String]) -> String? {
        let kinds: Set = ["class", "struct", "actor", "enum", "extension", "protocol"]
        guard let at = words.firstIndex(where: kinds.contains), at + 1 < words.count,
            !words[..<at].contains("var"), !words.contains("func")
        else { return nil }
        return words[at + 1]
    }

    private static func isSettable(_ line: String, next: String) -> Bool {
        let words = line.split(separator: " ").map(String.init)
        guard let at = words.firstIndex(of: "var"),
            words[..<at].allSatisfy({ !$0.hasPrefix("private") && !$0.hasPrefix("fileprivate") }),
            words[..<at].allSatisfy({ $0 != "static" })
        else { return false }
        if line.hasSuffix("{"), !line.contains(" = ") {
            return next.contains("didSet") || next.contains("willSet")
        }
        return line.contains(" = ") || !line.contains("{")
    }
}
