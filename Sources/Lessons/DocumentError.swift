package import CommandLanguage

/// A file that is not a lesson or transcript, and the line that makes it so.
package struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as it was named.
    package let path: String
    /// Counted from 1.
    package let line: Int
    /// What is wrong there.
    package let problem: DocumentProblem

    /// `transcripts/a.md:12: what is wrong`.
    package var description: String { "\(path):\(line): \(problem)" }
}

/// What can be wrong in the text of a file.
package enum DocumentProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// A carriage return: the file has CRLF line ends.
    case carriageReturn
    /// A fence that never closes.
    case unclosedFence
    /// A fence of ours that is indented, quoted, tilde-fenced or in capitals.
    case misplacedFence(String)
    /// A word after the fence's name that means nothing there.
    case unknownAttribute(String)
    /// The same attribute twice.
    case repeatedAttribute(String)
    /// `skip=` that gives no reason.
    case skipWithoutReason
    /// A `shiplog` fence that runs nothing.
    case noCommands
    /// Output that stands above the first command of its fence.
    case outputBeforeCommand(String)
    /// `>` with no command after it, or no blank after it.
    case emptyCommand
    /// A command with a tab or another control character in it.
    case controlCharacter
    /// A blank at the end of a fence's line.
    case trailingSpace
    /// A word of `start` that is not `replicas=N` or `seed=N`.
    case badStart(String)
    /// `start` that is not the first command of the file, or not in a `setup` fence.
    case misplacedStart
    /// A goal that is not `SUBJECT = VALUE`.
    case badGoal(String)
    /// What is asked for is nothing that a lab has.
    case badFact(FactProblem)
    /// `when:` that is not `GOAL -> what to tell the student`.
    case badWhen(String)
    /// A line of a `task` or `predict` fence that belongs to nothing.
    case strayLine(String)
    /// A `task` or `predict` fence that lacks a part.
    case missing(String)
    /// A part that may stand only once.
    case repeated(String)
    /// A choice given twice.
    case repeatedChoice(String)
    /// A `predict` fence with this many starred choices instead of one.
    case starredChoices(Int)
    /// A file without a heading.
    case noTitle
    /// A transcript that does not say what it shows between its heading and its first fence.
    case noClaim
    /// A lesson or transcript that runs nothing.
    case nothingToRun
}

extension DocumentProblem {
    /// One line: what is wrong, and what to write instead where that is not plain.
    package var description: String {
        switch self {
        case .carriageReturn: "a carriage return: save the file with LF line ends"
        case .unclosedFence: "this fence never closes"
        case .misplacedFence(let line):
            "`\(line)` does not open a fence: write it in lower case with backticks, at the margin"
        case .unknownAttribute(let word):
            "unknown attribute `\(word)`: a shiplog fence takes `setup`, `fails`, `skip=REASON`"
        case .repeatedAttribute(let word): "attribute `\(word)` is given twice"
        case .skipWithoutReason: "`skip=` gives no reason"
        case .noCommands: "this fence runs nothing: write a line `> command`"
        case .outputBeforeCommand(let line): "`\(line)` stands above the first `> command`"
        case .emptyCommand: "no command: write `> command`"
        case .controlCharacter: "a tab or another control character: write blanks"
        case .trailingSpace: "a blank at the end of the line"
        case .badStart(let word):
            "`\(word)` means nothing to `start`: write `> start replicas=2 seed=1`"
        case .misplacedStart: "`start` must be the first command, in a `shiplog setup` fence"
        case .badGoal(let text): "`\(text)` is no goal: write it like `role r2 = primary`"
        case .badFact(let problem): "\(problem)"
        case .badWhen(let text): "`\(text)`: write it like `role r1 = primary -> You promoted r1.`"
        case .strayLine(let line):
            "`\(line)` belongs to nothing: begin it with two blanks to continue the line above"
        case .missing(let part): "this fence has no \(part)"
        case .repeated(let part): "a second \(part)"
        case .repeatedChoice(let choice): "the choice `\(choice)` is given twice"
        case .starredChoices(let count): "\(count) choices end in ` *`: exactly one must"
        case .noTitle: "no heading: begin the file with `# Title`"
        case .noClaim:
            "no claim: say what the transcript shows, in a line right below its heading"
        case .nothingToRun: "no `shiplog` fence: there is nothing to run"
        }
    }
}
