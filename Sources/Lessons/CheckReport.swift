/// What a check found, file by file.
package struct CheckReport: Sendable {
    /// In the order they were checked.
    package let files: [FileReport]

    /// How many files are proven.
    package var passed: Int { files.count(where: \.isPassed) }
    /// How many files are not.
    package var failed: Int { files.count - passed }

    /// What the terminal shows: failures, then what was updated, elided and skipped, then the
    /// closing line `34 passed, 0 failed`.
    package var lines: [String] {
        files.flatMap(\.failureLines) + files.flatMap(\.noteLines)
            + ["\(passed) passed, \(failed) failed"]
    }
}

/// What a check found in one file.
package struct FileReport: Sendable {
    /// A fence that was not run.
    package struct SkippedFence: Hashable, Sendable {
        /// Where the fence opens, counted from 1.
        package let line: Int
        /// Why it is not run.
        package let reason: String
    }

    /// The file as it was named.
    package let path: String
    /// The lines that stand for more than themselves, counted from 1.
    package let elidedLines: [Int]
    /// The fences that were not run.
    package let skippedFences: [SkippedFence]
    /// How many outputs were rewritten.
    package internal(set) var updatedOutputs = 0
    var findings: [Finding]

    /// Nothing is left to be put right.
    package var isPassed: Bool { findings.isEmpty }

    init(path: String, findings: [Finding]) {
        self.path = path
        self.findings = findings
        elidedLines = []
        skippedFences = []
    }

    init(_ document: MarkdownDocument, findings: [Finding]) {
        path = document.path
        self.findings = findings
        elidedLines = document.fences.flatMap(\.steps).flatMap { step in
            step.output.indices
                .filter { OutputPattern(text: step.output[$0]).isElided }
                .map { step.line + 1 + $0 }
        }
        skippedFences = document.blocks.compactMap { block in
            guard let reason = block.fence?.skipReason else { return nil }
            return SkippedFence(line: block.firstLine, reason: reason)
        }
    }

    /// Every finding, and how to accept what was printed when that would be enough to pass.
    package var failureLines: [String] {
        let reports = findings.flatMap { $0.report(path) }
        let differs = findings.contains { if case .differs = $0 { true } else { false } }
        guard differs, !findings.contains(where: \.forbidsUpdate) else { return reports }
        return reports + ["to accept: shiplog check --update \(path)"]
    }

    /// What is worth knowing of a file whether it passed or not.
    package var noteLines: [String] {
        var notes: [String] = []
        if updatedOutputs > 0 {
            notes.append("updated: \(path): \(count(updatedOutputs, "output"))")
        }
        if !elidedLines.isEmpty {
            notes.append("elided: \(path): \(count(elidedLines.count, "line"))")
        }
        return notes + skippedFences.map { "skipped: \(path):\($0.line): \($0.reason)" }
    }

    private func count(_ number: Int, _ word: String) -> String {
        "\(number) \(word)\(number == 1 ? "" : "s")"
    }
}
