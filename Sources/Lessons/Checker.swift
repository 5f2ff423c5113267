internal import Dispatch
internal import Synchronization

/// `shiplog check`: replays files in fresh labs and tells how what they print differs from what
/// the files say.
///
/// - Every run of a file has a lab of its own; nothing is carried from one to the next.
/// - A file passes when every recorded output stands for what was printed, every goal is false
///   before its solution and true after it, and all runs agree byte for byte.
/// - Updating writes recorded outputs only, only those that differ, and only where every command
///   failed or did not as the file says.
package struct Checker: Sendable {
    /// How to check.
    package struct Options: Hashable, Sendable {
        /// How many times each file is run, at least once; all runs must agree.
        package var runs: Int
        /// Rewrite the outputs that differ.
        package var updates: Bool
        /// How many files are run side by side, at least one. What is found does not depend on it.
        package var jobs: Int

        /// By default every file is run twice and nothing is written.
        package init(runs: Int = 2, updates: Bool = false, jobs: Int = 1) {
            self.runs = runs
            self.updates = updates
            self.jobs = jobs
        }
    }

    private let options: Options
    private let startLab: LabFactory

    /// A checker that runs every file in labs made by `startLab`.
    package init(options: Options = Options(), startLab: @escaping LabFactory) {
        self.options = options
        self.startLab = startLab
    }

    /// Checks files, and folders with all Markdown files below them.
    ///
    /// - Throws: when a path names nothing; then nothing was run.
    package func check(_ paths: [String]) throws(TextFileError) -> CheckReport {
        let files = try TextFiles.markdownFiles(at: paths)
        let next = Atomic(0)
        let reports = Mutex<[Int: FileReport]>([:])
        DispatchQueue.concurrentPerform(iterations: min(options.jobs, files.count)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < files.count else { return }
                let report = check(files[index])
                reports.withLock { $0[index] = report }
            }
        }
        return CheckReport(
            files: reports.withLock { reports in files.indices.map { reports[$0]! } })
    }

    private func check(_ path: String) -> FileReport {
        do {
            let kind = DocumentKind(absolutePath: TextFiles.absolutePath(path))
            let document = try MarkdownDocument(path: path, text: try TextFiles.text(of: path))
            try document.require(formOf: kind)
            return check(document, kind)
        } catch {
            return FileReport(path: path, findings: [.unusable("\(error)")])
        }
    }

    /// Checks a document that was already read. Its file is written only when updating.
    func check(_ document: MarkdownDocument, _ kind: DocumentKind) -> FileReport {
        let first = Replay(document, startLab: startLab)
        var report = FileReport(document, findings: first.findings)
        if kind == .lesson {
            report.findings += report.elidedLines.map { .elidedInLesson(line: $0) }
        }
        for run in 1..<max(1, options.runs) {
            let later = Replay(document, startLab: startLab)
            guard let diff = first.difference(to: later) else { continue }
            report.findings.append(.notRepeatable(run: run + 1, diff: diff))
            break
        }
        if options.updates, !first.changes.isEmpty { update(document, first, &report) }
        return report
    }

    private func update(
        _ document: MarkdownDocument, _ replay: Replay, _ report: inout FileReport
    ) {
        guard !report.findings.contains(where: \.forbidsUpdate) else { return }
        do {
            try TextFiles.replace(document.path, with: document.updated(by: replay.changes))
            report.updatedOutputs = replay.changes.count
            report.findings.removeAll { finding in
                if case .differs = finding { true } else { false }
            }
        } catch {
            report.findings.append(.notWritten(reason: "\(error)"))
        }
    }
}

extension MarkdownDocument {
    /// The file with the outputs that differ replaced, and every other byte as it was.
    func updated(by changes: [Replay.Change]) -> String {
        let text = source
        var lines = SourceLine.lines(of: text).map(\.text)
        for change in changes.reversed() {
            let start = change.step.line
            lines.replaceSubrange(
                start..<(start + change.step.output.count), with: change.alignment.updated)
        }
        return lines.joined(separator: "\n") + (text.utf8.last == UInt8(ascii: "\n") ? "\n" : "")
    }
}
