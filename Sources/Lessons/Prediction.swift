/// A `predict` fence: a question to answer before going on.
///
/// - Two choices or more, all different, exactly one of them right.
/// - `because` is shown after the answer, right or wrong.
/// - `answer`, where given, is what to observe: its value must be the right choice.
public struct Prediction: Hashable, Sendable {
    /// The question, a line each.
    public let question: [String]
    /// The choices in the order written, without their star.
    public let choices: [String]
    /// The index of the right choice.
    public let starred: Int
    /// Why it is right.
    public let because: String
    /// What to observe to find the right choice: `["lag", "r1"]`.
    public let answer: [String]?

    /// The right choice.
    public var rightChoice: String { choices[starred] }

    init(_ body: [SourceLine], opening: SourceLine) throws(LineError) {
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
        answer = try parts.only("answer:").map { $0.text.split(separator: " ").map(String.init) }
    }
}

extension String {
    fileprivate var withoutStar: String { String(dropLast(2)).trimmed }
}
