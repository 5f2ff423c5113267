/// The chapter's Python shipper, as its text prints it: two files, each opening with its own name
/// in a comment, `# replication/primary.py`.
///
/// It is read from the reader's copy of the chapter; none of it is kept here.
struct ChapterCode: Hashable {
    struct File: Hashable {
        let name: String
        let text: String
    }

    let files: [File]

    /// Nil when the text holds no such files.
    init?(_ chapter: String) {
        var files: [File] = []
        var lines = chapter.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            guard let name = Self.fileName(line) else { continue }
            let code = lines.prefix { Self.isCode($0) }
            lines = lines.dropFirst(code.count)
            files.append(File(name: name, text: code.joined(separator: "\n") + "\n"))
        }
        guard Set(files.map(\.name)).isSuperset(of: ["primary.py", "replica.py"]) else {
            return nil
        }
        self.files = files
    }

    private static func fileName(_ line: Substring) -> String? {
        let opening = "# replication/"
        guard line.hasPrefix(opening), line.hasSuffix(".py") else { return nil }
        let name = line.dropFirst(opening.count)
        return name.contains("/") ? nil : String(name)
    }

    /// Prose begins at the left edge, and with none of Python's words.
    private static func isCode(_ line: Substring) -> Bool {
        guard let first = line.first, first != " " else { return true }
        let openings = ["import ", "from ", "class ", "def ", "@", "# "]
        return openings.contains { line.hasPrefix($0) } && fileName(line) == nil
    }
}
