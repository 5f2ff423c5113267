package import Cluster

/// A lesson or transcript: a Markdown file cut into prose and the fences that this lab runs.
///
/// It is not a Markdown parser: prose stays text. Fences of other languages are prose, so what
/// stands inside them is never run.
///
/// - The sources of the blocks, joined, are the file, byte for byte.
/// - Every fence was checked when the document was made: one that exists can be run.
package struct MarkdownDocument: Sendable {
    /// A stretch of the file.
    package struct Block: Hashable, Sendable {
        /// Where the stretch begins, counted from 1.
        package let firstLine: Int
        /// Its exact text, line ends included.
        package let source: String
        /// What it is.
        package internal(set) var content: Content
    }

    /// What a stretch of the file is.
    package enum Content: Hashable, Sendable {
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
    package let path: String
    /// In the order of the file.
    package let blocks: [Block]
    /// The text of the first heading, if there is one.
    package let title: String?
    /// The first line of prose below the title and above the first fence that is run or asked.
    package let claim: String?
    /// What `start` asks for, or the settings of a file without it.
    package let settings: LabOptions

    /// Parses the text of a file. `path` only serves to say where something is wrong.
    package init(path: String, text: String) throws(DocumentError) {
        do {
            let reader = try DocumentReader(text)
            self.path = path
            blocks = reader.blocks
            title = reader.title
            claim = reader.claim
            settings = reader.settings
        } catch {
            throw DocumentError(path: path, line: error.line, problem: error.problem)
        }
    }

    /// The file.
    package var source: String { blocks.map(\.source).joined() }

    /// The fences that hold commands, in the order of the file.
    package var fences: [CommandFence] { blocks.compactMap(\.fence) }
}

extension MarkdownDocument.Block {
    /// The commands, when the block is a fence that holds some.
    package var fence: CommandFence? {
        if case .shiplog(let fence) = content { fence } else { nil }
    }

    /// The question, when the block asks one.
    package var prediction: Prediction? {
        if case .predict(let prediction) = content { prediction } else { nil }
    }

    /// The task, when the block sets one.
    package var task: LabTask? {
        if case .task(let task) = content { task } else { nil }
    }
}
