/// Rules about the text of any file and about the shape of the whole. Each gives what breaks it.
enum TextRules {
    /// Words that say a thing is not finished.
    static func leftovers(_ file: Repository.File) -> [String] {
        // In pieces, so that this file does not break its own rule.
        let words = ["FIX" + "ME", "TO" + "DO", "XX" + "X"]
        return file.lines.enumerated().flatMap { index, line in
            words.filter { holds(line, word: $0) }
                .map { "\(file.path):\(index + 1): \($0): finish it, or open an issue" }
        }
    }

    /// Paths of one person's or one machine's disk.
    static func machinePaths(_ file: Repository.File) -> [String] {
        let folders = ["wo" + "rk", "ho" + "me", "ro" + "ot", "Us" + "ers"]
        return file.lines.enumerated().flatMap { index, line in
            folders.filter { holds(line, rootFolder: $0) }
                .map { "\(file.path):\(index + 1): /\($0)/ is a folder of one machine" }
        }
    }

    /// What stands in the root besides what a newcomer is told of.
    static func strayEntries(_ entries: [String]) -> [String] {
        let known = ["Package.swift", "README.md", "Sources", "Tests", "lessons", "transcripts"]
        return entries.filter { !$0.hasPrefix(".") && !known.contains($0) }
            .map { "\($0): not one of \(known.joined(separator: ", "))" }
    }

    /// A transcript opens with its title and then says in prose what it shows.
    static func silentTranscript(_ file: Repository.File) -> [String] {
        let opening = file.lines.filter { !$0.isEmpty }.prefix(2)
        guard let title = opening.first, title.hasPrefix("# ") else {
            return ["\(file.path): the first line is not `# Title`"]
        }
        let notProse = ["#", "```", "~~~", "<!--", "> ", "- "]
        guard let claim = opening.dropFirst().first, !notProse.contains(where: claim.hasPrefix)
        else {
            return ["\(file.path): no claim below the title: say what the transcript shows"]
        }
        return []
    }

    /// Commands whose answers differ from run to run, recorded: they tell of ports, or of servers
    /// outside the lab.
    static func unrepeatableCommands(_ file: Repository.File) -> [String] {
        file.lines.enumerated().filter { _, line in
            let words = line.split(separator: " ").filter { $0 != "!" }
            return words.first == ">" && words.count > 1
                && ["connect", "tail"].contains(words[1])
        }
        .map { "\(file.path):\($0.offset + 1): what this command says differs from run to run" }
    }

    /// What stands between the README's markers for figures, and is not as `.ci/figures` writes it.
    static func handmadeFigures(_ readme: Repository.File) -> [String] {
        let begin = "<!-- figures: made by .ci/figures -->"
        let lines = readme.lines
        guard let first = lines.firstIndex(of: begin),
            let last = lines.firstIndex(of: "<!-- figures: end -->"), first < last
        else { return ["\(readme.path): no figures between two markers"] }
        let table = lines[(first + 1)..<last].filter { !$0.isEmpty }
        let head = ["| Bench | Ratio | Is | Should be | |", "|---|---|---|---|---|"]
        guard table.count > 3, table.first?.hasPrefix("Measured on ") == true,
            Array(table.dropFirst().prefix(2)) == head
        else { return ["\(readme.path):\(first + 1): not the table that .ci/figures writes"] }
        return table.dropFirst(3).filter { !isFigure($0) }
            .map { "\(readme.path): not a row that .ci/figures writes: \($0)" }
    }

    /// "| `commit` | one / the other | 1.25 | at most 1.30 | met |"
    private static func isFigure(_ line: String) -> Bool {
        let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " } }
        guard cells.count == 7, cells[1].hasPrefix("`") else { return false }
        let digits = cells[3].filter { $0 != " " }
        let isNumber = digits == "-" || digits.allSatisfy { $0.isNumber || $0 == "." || $0 == "-" }
        return isNumber && ["", "met ", "missed "].contains(cells[5])
    }

    /// Lessons that nobody finds, or that would be numbered alike.
    static func lostLessons(_ lessons: [String], readme: String) -> [String] {
        var numbers: Set<Substring> = []
        return lessons.flatMap { path -> [String] in
            let name = path.split(separator: "/").last ?? ""
            let number = name.prefix(2)
            var problems: [String] = []
            if !number.allSatisfy(\.isNumber) || !name.dropFirst(2).hasPrefix("-") {
                problems.append("\(path): a lesson is named NN-name.md")
            } else if !numbers.insert(number).inserted {
                problems.append("\(path): a second lesson \(number)")
            }
            if !readme.contains("](\(path))") {
                problems.append("\(path): README.md has no link to it")
            }
            return problems
        }
    }

    /// Links of a Markdown file to files that are not there.
    static func deadLinks(_ file: Repository.File, exists: (String) -> Bool) -> [String] {
        let folder = file.path.split(separator: "/").dropLast().map(String.init)
        return file.lines.enumerated().flatMap { index, line in
            line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap {
                rest in
                let target = rest.prefix { $0 != ")" && $0 != "#" }
                guard !target.isEmpty, !target.contains("://") else { return nil }
                guard !exists((folder + [String(target)]).joined(separator: "/")) else {
                    return nil
                }
                return "\(file.path):\(index + 1): the link to \(target) leads nowhere"
            }
        }
    }

    private static func holds(_ line: String, word: String) -> Bool {
        line.ranges(of: word).contains { range in
            let before = line[..<range.lowerBound].last
            let after = line[range.upperBound...].first
            return ![before, after].contains {
                $0?.isLetter == true || $0?.isNumber == true || $0 == "_"
            }
        }
    }

    private static func holds(_ line: String, rootFolder: String) -> Bool {
        line.ranges(of: "/\(rootFolder)/").contains { range in
            guard let before = line[..<range.lowerBound].last else { return true }
            return !(before.isLetter || before.isNumber || "._-}/".contains(before))
        }
    }
}
