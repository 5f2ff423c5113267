/// How recorded lines and printed lines correspond: the cheapest way from one to the other.
///
/// The one algorithm behind comparing, showing a difference and updating, so that these three
/// cannot disagree. It is a longest common subsequence in which a recorded `...` takes in printed
/// lines for nothing.
///
/// - `edits` read in order give the recorded lines (keep, absorb, remove) and the printed lines
///   (keep, absorb, insert).
/// - A line that was replaced costs as much as one removed beside a `...`. Then replacing wins, so
///   that an elision does not swallow a line that the author had written out.
struct Alignment: Hashable, Sendable {
    enum Edit: Hashable, Sendable {
        /// A recorded line that stands for a printed one.
        case keep(String, printed: String)
        /// A recorded `...` and the printed lines it stands for.
        case absorb([String])
        case remove(String)
        case insert(String)
    }

    private(set) var edits: [Edit] = []

    /// Nothing was removed or inserted.
    var isMatch: Bool {
        edits.allSatisfy { edit in
            switch edit {
            case .keep, .absorb: true
            case .remove, .insert: false
            }
        }
    }

    /// The recorded lines, with those that no longer match replaced by what was printed.
    var updated: [String] {
        edits.compactMap { edit in
            switch edit {
            case .keep(let recorded, _): recorded
            case .absorb: OutputPattern.anyLines
            case .remove: nil
            case .insert(let printed): printed
            }
        }
    }

    /// - Parameter literally: recorded `...` and `[..]` stand for themselves.
    init(recorded: [String], printed: [String], literally: Bool = false) {
        let patterns = recorded.map { OutputPattern(text: $0, isLiteral: literally) }
        var head = 0
        while head < min(patterns.count, printed.count), patterns[head].matches(printed[head]) {
            head += 1
        }
        var tail = 0
        while tail < min(patterns.count, printed.count) - head,
            patterns[patterns.count - 1 - tail].matches(printed[printed.count - 1 - tail])
        {
            tail += 1
        }
        let middle = Grid(
            Array(patterns[head..<(patterns.count - tail)]),
            Array(printed[head..<(printed.count - tail)]))
        edits = zip(recorded, printed).prefix(head).map { .keep($0, printed: $1) }
        edits += middle.edits
        edits += zip(recorded.suffix(tail), printed.suffix(tail)).map { .keep($0, printed: $1) }
    }
}

/// The cheapest way from every pair of positions to the ends.
private struct Grid {
    /// One step along the grid. Of two that cost the same, the one named first is taken.
    private enum Move: CaseIterable {
        case keep
        case endElision
        case absorb
        case replace
        case remove
        case insert

        /// How many recorded and printed lines the step uses up, and its price.
        var step: (rows: Int, columns: Int, price: Int32) {
            switch self {
            case .keep: (1, 1, 0)
            case .endElision: (1, 0, 0)
            case .absorb: (0, 1, 0)
            case .replace: (1, 1, 5)
            case .remove: (1, 0, 5)
            case .insert: (0, 1, 1)
            }
        }
    }

    /// More cells than this are not worth their memory: then all is removed and all inserted.
    private static let largest = 1 << 20

    private let patterns: [OutputPattern]
    private let printed: [String]
    private var prices: [Int32] = []
    private var moves: [Move?] = []

    private var width: Int { printed.count + 1 }

    init(_ patterns: [OutputPattern], _ printed: [String]) {
        self.patterns = patterns
        self.printed = printed
        let cells = (patterns.count + 1) * (printed.count + 1)
        guard cells <= Self.largest else { return }
        prices = Array(repeating: 0, count: cells)
        moves = Array(repeating: nil, count: cells)
        for row in (0...patterns.count).reversed() {
            for column in (0...printed.count).reversed() { choose(row, column) }
        }
    }

    private mutating func choose(_ row: Int, _ column: Int) {
        let cell = row * width + column
        for move in Move.allCases where isPossible(move, row, column) {
            let price = move.step.price + prices[cell + move.step.rows * width + move.step.columns]
            if moves[cell] == nil || price < prices[cell] {
                (moves[cell], prices[cell]) = (move, price)
            }
        }
    }

    private func isPossible(_ move: Move, _ row: Int, _ column: Int) -> Bool {
        let pattern = row < patterns.count ? patterns[row] : nil
        let line = column < printed.count ? printed[column] : nil
        guard let pattern else { return move == .insert && line != nil }
        switch move {
        case .endElision: return pattern.isAnyLines
        case .absorb: return pattern.isAnyLines && line != nil
        case .keep: return line.map { pattern.matches($0) } ?? false
        case .replace: return line != nil && !pattern.isAnyLines
        case .remove: return !pattern.isAnyLines
        case .insert: return line != nil
        }
    }

    var edits: [Alignment.Edit] {
        guard !moves.isEmpty else {
            return patterns.map { .remove($0.text) } + printed.map { .insert($0) }
        }
        var edits: [Alignment.Edit] = []
        var absorbed: [String] = []
        var (row, column) = (0, 0)
        while let move = moves[row * width + column] {
            switch move {
            case .keep: edits.append(.keep(patterns[row].text, printed: printed[column]))
            case .endElision:
                edits.append(.absorb(absorbed))
                absorbed = []
            case .absorb: absorbed.append(printed[column])
            case .replace: edits += [.remove(patterns[row].text), .insert(printed[column])]
            case .remove: edits.append(.remove(patterns[row].text))
            case .insert: edits.append(.insert(printed[column]))
            }
            (row, column) = (row + move.step.rows, column + move.step.columns)
        }
        return edits
    }
}
