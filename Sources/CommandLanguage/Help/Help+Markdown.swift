extension Help {
    /// The whole table as a Markdown page: what `help --markdown` prints.
    var markdown: [String] {
        var lines = ["# Commands", ""]
        for group in CommandGroup.allCases {
            lines += ["## \(group.title)", "", "| Command | What it does |", "|---|---|"]
            for spec in table.specs(in: group) {
                let whole = spec.usage.utf8.count <= 50 ? spec.usage : spec.briefUsage
                let usage = whole.split(separator: "|").joined(separator: "\\|")
                lines.append("| [`\(usage)`](#\(spec.name)) | \(spec.summary) |")
            }
            lines.append("")
        }
        for spec in table.specs { lines += markdownSection(spec) }
        return lines.dropLast() + []
    }

    private func markdownSection(_ spec: CommandSpec) -> [String] {
        let seeAlso = spec.seeAlso.map { "[`\($0)`](#\($0))" }.joined(
            separator: ", ")
        return ["### \(spec.name)", ""]
            + Self.wrapped("`\(spec.usage)`: \(spec.summary).", width: 100) + [""]
            + spec.paragraphs.flatMap { Self.wrapped($0, width: 100) + [""] }
            + ["```text", "> \(spec.example)", "```", "", "See also: \(seeAlso).", ""]
    }
}
