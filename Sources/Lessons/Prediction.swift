package import CommandLanguage

/// A `predict` fence: a question to answer before going on.
///
/// - Two choices or more, all different, exactly one of them right.
/// - `because` is shown after the answer, right or wrong.
/// - `answer`, where given, is what to observe: its value must be the right choice.
package struct Prediction: Hashable, Sendable {
    /// The question, a line each.
    package let question: [String]
    /// The choices in the order written, without their star.
    package let choices: [String]
    /// The index of the right choice.
    package let starred: Int
    /// Why it is right.
    package let because: String
    /// What to look at to find the right choice: `time_lag r1`.
    package let answer: Fact?

    package var rightChoice: String { choices[starred] }

    init(
        _ body: [SourceLine], opening: SourceLine, _ names: ParsingContext
    ) throws(LineError) {
        let parts = try FenceParts(body, names: ["- ", "because:", "answer:"])
        guard !parts.text.isEmpty else { throw LineError(.missing("question"), on: opening) }
        question = parts.text

        let written = parts.all("- ")
        guard written.count > 1 else { throw LineError(.missing("two choices"), on: opening) }
        let stars = written.indices.filter { written[$0].text.hasSuffix(" *") }
        guard stars.count == 1, let star = stars.first else {
            throw LineError(.starredChoices(stars.count), on: opening)
        }
        starred = star
        choices = written.enumerated().map { $0 == star ? $1.text.withoutStar : $1.text }
        for (index, choice) in choices.enumerated() where choices[..<index].contains(choice) {
            throw LineError(.repeatedChoice(choice), on: written[index].line)
        }

        guard let because = try parts.only("because:") else {
            throw LineError(.missing("`because:`"), on: opening)
        }
        self.because = because.text
        answer = try parts.only("answer:").map { part throws(LineError) in
            try Self.fact(part, names)
        }
    }

    private static func fact(
        _ part: FenceParts.Part, _ names: ParsingContext
    ) throws(LineError) -> Fact {
        let words = part.text.split(separator: " ").map(String.init)
        do { return try .named(words, in: names) } catch { throw LineError(error, on: part.line) }
    }
}

extension String {
    fileprivate var withoutStar: String { String(dropLast(2)).trimmed }
}
