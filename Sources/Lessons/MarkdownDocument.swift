/// A lesson or transcript: a Markdown file cut into prose and the fences that this lab runs.
///
/// It is not a Markdown parser: prose stays text. Fences of other languages are prose, so what
/// stands inside them is never run.
///
/// - The sources of the blocks, joined, are the file, byte for byte.
/// - Every fence was checked when the document was made: one that exists can be run.
public struct MarkdownDocument: Sendable {
    /// A stretch of the file.
    public struct Block: Hashable, Sendable {
        /// Where the stretch begins, counted from 1.
        public let firstLine: Int
        /// Its exact text, line ends included.
        public let source: String
        /// What it is.
        public let content: Content
    }

    /// What a stretch of the file is.
    public enum Content: Hashable, Sendable {
        /// Text to read.
        case prose
        /// Commands to run and what they print.
        case shiplog(CommandFence)
        /// A question to answer first.
        case predict(Prediction)
        /// Something to bring about.
        case task(LabTask)
    }

    /// The file as it was named.
    public let path: String
    /// In the order of the file.
    public let blocks: [Block]
    /// The text of the first heading, if there is one.
    public let title: String?
    /// The first line of prose below the title and above the first fence that is run or asked.
    public let claim: String?
    /// What `start` asks for, or the settings of a file without it.
    public let settings: LabSettings

    /// Parses the text of a file. `path` only serves to say where something is wrong.
    public init(path: String, text: String) throws(DocumentError) {
        do {
            let reader = try DocumentReader(text)
            self.path = path
            blocks = reader.blocks
            title = reader.title
            claim = reader.claim
            settings = try Self.settings(reader.blocks)
        } catch {
            throw DocumentError(path: path, line: error.line, problem: error.problem)
        }
    }

    /// The file.
    public var source: String { blocks.map(\.source).joined() }

    /// The fences that hold commands, in the order of the file.
    public var fences: [CommandFence] { blocks.compactMap(\.fence) }

    private static func settings(_ blocks: [Block]) throws(LineError) -> LabSettings {
        var found: LabSettings?
        var isFirst = true
        for fence in blocks.compactMap(\.fence) where fence.skipReason == nil {
            for step in fence.steps {
                if let settings = step.settings {
                    let line = SourceLine(number: step.line, text: step.command)
                    guard isFirst, fence.isSetup else { throw LineError(.misplacedStart, on: line) }
                    found = settings
                }
                isFirst = false
            }
        }
        return found ?? LabSettings()
    }
}

extension MarkdownDocument.Block {
    /// The commands, when the block is a fence that holds some.
    public var fence: CommandFence? {
        if case .shiplog(let fence) = content { fence } else { nil }
    }

    /// The question, when the block asks one.
    public var prediction: Prediction? {
        if case .predict(let prediction) = content { prediction } else { nil }
    }

    /// The task, when the block sets one.
    public var task: LabTask? {
        if case .task(let task) = content { task } else { nil }
    }
}
