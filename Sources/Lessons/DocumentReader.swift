internal import Cluster
internal import CommandLanguage
internal import Session

/// Cuts the lines of a file into blocks, and finds the title and the claim on the way.
///
/// A fence is what CommonMark calls one: three or more backticks or tildes, indented by up to
/// three blanks, closed by at least as many of the same. Ours stand at the margin, in backticks.
struct DocumentReader {
    private(set) var blocks: [MarkdownDocument.Block] = []
    private(set) var title: String?
    private(set) var claim: String?
    /// What `start` asks for.
    private(set) var settings = LabOptions.ofLesson

    private let lines: [SourceLine]
    private let endsInLineFeed: Bool
    private var next = 0
    private var prose: [SourceLine] = []
    /// Fences whose facts can be read once it is known which lab the file has.
    private var unread: [(block: Int, read: FenceReading)] = []

    private typealias FenceReading =
        (ParsingContext) throws(LineError) -> MarkdownDocument.Content

    init(_ text: String) throws(LineError) {
        lines = SourceLine.lines(of: text)
        endsInLineFeed = text.utf8.last == UInt8(ascii: "\n")
        for line in lines where line.text.utf8.contains(UInt8(ascii: "\r")) {
            throw LineError(.carriageReturn, on: line)
        }
        while next < lines.count { try readLine() }
        endProse()
        settings = try Self.settings(blocks)
        let names = ParsingContext(of: settings)
        for fence in unread { blocks[fence.block].content = try fence.read(names) }
    }

    private mutating func readLine() throws(LineError) {
        let opening = lines[next]
        guard let fence = FenceOpening(opening.text) else {
            try refuseHiddenFence(opening)
            readProse(opening)
            next += 1
            return
        }
        guard let close = lines[(next + 1)...].firstIndex(where: { fence.isClosed(by: $0.text) })
        else { throw LineError(.unclosedFence, on: opening) }
        let whole = Array(lines[next...close])
        next = close + 1
        guard let word = fence.labWord else {
            prose += whole
            return
        }
        guard fence.isPlain else { throw LineError(.misplacedFence(opening.text), on: opening) }
        endProse()
        try append(whole, fence, word)
    }

    private mutating func append(
        _ whole: [SourceLine], _ fence: FenceOpening, _ word: FenceOpening.LabWord
    ) throws(LineError) {
        let opening = whole[0]
        let body = Array(whole.dropFirst().dropLast())
        if word != .shiplog, !fence.attributes.isEmpty {
            throw LineError(.unknownAttribute(fence.attributes), on: opening)
        }
        switch word {
        case .shiplog:
            let commands = try CommandFence(body, opening: opening, attributes: fence.attributes)
            append(whole, .shiplog(commands))
        case .predict:
            appendUnread(whole) { names throws(LineError) in
                .predict(try Prediction(body, opening: opening, names))
            }
        case .task:
            appendUnread(whole) { names throws(LineError) in
                .task(try LabTask(body, opening: opening, names))
            }
        }
    }

    private mutating func appendUnread(_ part: [SourceLine], _ read: @escaping FenceReading) {
        unread.append((blocks.count, read))
        append(part, .prose)
    }

    /// A fence inside a quotation or deep in a list would look like ours and never be run.
    private func refuseHiddenFence(_ line: SourceLine) throws(LineError) {
        let inner = line.text.drop { " \t>".contains($0) }
        guard inner.startIndex != line.text.startIndex else { return }
        if FenceOpening(String(inner))?.labWord != nil {
            throw LineError(.misplacedFence(line.text), on: line)
        }
    }

    private mutating func readProse(_ line: SourceLine) {
        prose.append(line)
        let text = line.text.trimmed
        if let heading = Self.heading(text) {
            if title == nil { title = heading }
        } else if title != nil, claim == nil, !text.isEmpty, !text.hasPrefix("<!--"),
            unread.isEmpty, blocks.allSatisfy({ $0.content == .prose })
        {
            claim = text
        }
    }

    private static func heading(_ text: String) -> String? {
        let marks = text.prefix { $0 == "#" }.count
        let rest = text.dropFirst(marks)
        guard (1...6).contains(marks), rest.hasPrefix(" ") else { return nil }
        return String(rest).trimmed
    }

    private mutating func endProse() {
        if !prose.isEmpty { append(prose, .prose) }
        prose = []
    }

    private mutating func append(_ part: [SourceLine], _ content: MarkdownDocument.Content) {
        guard let first = part.first, let last = part.last else { return }
        var source = part.map(\.text).joined(separator: "\n")
        if last.number < lines.count || endsInLineFeed { source += "\n" }
        blocks.append(.init(firstLine: first.number, source: source, content: content))
    }
}

extension DocumentReader {
    private static func settings(_ blocks: [MarkdownDocument.Block]) throws(LineError) -> LabOptions
    {
        var found: LabOptions?
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
        return found ?? .ofLesson
    }
}

/// The line that opens a fence.
private struct FenceOpening {
    enum LabWord: String {
        case shiplog
        case predict
        case task
    }

    private let indent: Int
    private let mark: Character
    private let count: Int
    private let word: String
    /// What follows the fence's name, without blanks around it.
    let attributes: String

    init?(_ line: String) {
        indent = line.prefix { $0 == " " }.count
        let fence = line.dropFirst(indent)
        guard indent <= 3, let mark = fence.first, mark == "`" || mark == "~" else { return nil }
        self.mark = mark
        count = fence.prefix { $0 == mark }.count
        let info = String(fence.dropFirst(count)).trimmed
        // Backticks behind backticks are code within a line, not a fence.
        guard count >= 3, mark == "~" || !info.contains("`") else { return nil }
        word = String(info.prefix { $0 != " " && $0 != "\t" })
        attributes = String(info.dropFirst(word.count)).trimmed
    }

    var labWord: LabWord? { LabWord(rawValue: word.lowercased()) }

    /// Written the one way that ours are.
    var isPlain: Bool { indent == 0 && mark == "`" && LabWord(rawValue: word) != nil }

    func isClosed(by line: String) -> Bool {
        let indent = line.prefix { $0 == " " }.count
        let marks = line.dropFirst(indent).prefix { $0 == mark }.count
        return indent <= 3 && marks >= count
            && String(line.dropFirst(indent + marks)).trimmed.isEmpty
    }
}
