/// What TAB does with an offer: complete, go on as far as all candidates agree, or list them.
struct CompletionChoice: Hashable {
    /// The text to put in place of what was typed; `nil` to leave it.
    let replacement: String?
    /// The candidates to show; empty when there is nothing to choose between.
    let listed: [String]

    init(_ offer: LineEditor.Offer) {
        let candidates = offer.candidates
        guard let first = candidates.first else {
            (replacement, listed) = (nil, [])
            return
        }
        guard candidates.count > 1 else {
            (replacement, listed) = (first + " ", [])
            return
        }
        let common = Self.commonPrefix(of: candidates)
        if common.unicodeScalars.count > offer.typed.unicodeScalars.count {
            (replacement, listed) = (common, [])
        } else {
            (replacement, listed) = (nil, candidates)
        }
    }

    private static func commonPrefix(of words: [String]) -> String {
        var common = Array(words.first?.unicodeScalars ?? "".unicodeScalars)
        for word in words.dropFirst() {
            common = Array(
                common.prefix(zip(common, word.unicodeScalars).prefix { $0 == $1 }.count))
        }
        return String(String.UnicodeScalarView(common))
    }
}
