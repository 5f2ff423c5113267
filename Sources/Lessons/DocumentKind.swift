/// What a file must have, told by the folder it lies in.
package enum DocumentKind: Hashable, Sendable {
    /// Below `lessons/`: a title, something to run, and no elided line.
    case lesson
    /// Below `transcripts/`: a title, a claim, and something to run.
    case transcript
    /// Anywhere else: only what every file must be.
    case other

    /// The kind of the file at an absolute path; the innermost folder decides.
    package init(absolutePath: String) {
        let folders = absolutePath.split(separator: "/").dropLast()
        switch folders.last(where: { $0 == "lessons" || $0 == "transcripts" }) {
        case "lessons": self = .lesson
        case "transcripts": self = .transcript
        case .some, .none: self = .other
        }
    }
}

extension MarkdownDocument {
    /// Checks what a file of this kind must have beyond what every file must be.
    func require(formOf kind: DocumentKind) throws(DocumentError) {
        guard kind != .other else { return }
        guard let title, !title.isEmpty else { throw missing(.noTitle) }
        if kind == .transcript, claim == nil { throw missing(.noClaim) }
        if fences.isEmpty { throw missing(.nothingToRun) }
    }

    private func missing(_ problem: DocumentProblem) -> DocumentError {
        DocumentError(path: path, line: 1, problem: problem)
    }
}
