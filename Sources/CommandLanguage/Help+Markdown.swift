extension Help {
    /// The whole table as a Markdown page: what `help --markdown` prints.
    public static var markdown: [String] {
        var lines = ["# Commands", ""]
        for group in CommandGroup.allCases {
            lines += ["## \(group.title)", "", "| Command | What it does |", "|---|---|"]
            for spec in CommandTable.standard.specs(in: group) {
                let usage = spec.usage.split(separator: "|").joined(separator: "\\|")
                lines.append("| [`\(usage)`](#\(spec.name)) | \(spec.summary) |")
            }
            lines.append("")
        }
        for spec in CommandTable.standard.specs { lines += markdownSection(spec) }
        return lines.dropLast() + []
    }

    private static func markdownSection(_ spec: CommandSpec) -> [String] {
        let seeAlso = spec.seeAlso.map { "[`\($0.rawValue)`](#\($0.rawValue))" }.joined(
            separator: ", ")
        return ["### \(spec.name)", "", "`\(spec.usage)`: \(spec.summary).", ""]
            + spec.paragraphs.flatMap { wrapped($0, width: 100) + [""] }
            + ["```text", "> \(spec.example)", "```", "", "See also: \(seeAlso).", ""]
    }
}
