import Testing

@testable import CommandLanguage

struct SuggestionTests {
    private func distance(_ left: String, _ right: String) -> Int {
        Suggestion.distance(Array(left.unicodeScalars), Array(right.unicodeScalars), limit: 9)
    }

    @Test func `a slip is an insertion, a deletion, a substitution or a swap`() {
        #expect(distance("promte", "promote") == 1)
        #expect(distance("promotee", "promote") == 1)
        #expect(distance("pramote", "promote") == 1)
        #expect(distance("rpomote", "promote") == 1)
        #expect(distance("", "set") == 3)
        #expect(distance("kitten", "sitting") == 3)
    }

    @Test func `short words forgive one slip, longer ones two`() {
        #expect(Suggestion.similar(to: "sxx", among: ["set"]).isEmpty)
        #expect(Suggestion.similar(to: "sxt", among: ["set"]) == ["set"])
        #expect(Suggestion.similar(to: "pramate", among: ["promote"]) == ["promote"])
        #expect(Suggestion.similar(to: "xramate", among: ["promote"]).isEmpty)
    }

    @Test func `the nearest comes first, beginnings after slips, three at the most`() {
        let verbs = ["restart", "reconnect", "reset", "res", "rest"]
        #expect(Suggestion.similar(to: "rest", among: verbs) == ["rest", "reset", "res"])
        #expect(Suggestion.similar(to: "recon", among: verbs) == ["reconnect"])
        #expect(Suggestion.similar(to: "RESTRAT", among: verbs) == ["restart"])
    }

    @Test func `one letter suggests nothing, a word too long neither`() {
        #expect(Suggestion.similar(to: "x", among: ["p"]).isEmpty)
        #expect(
            Suggestion.similar(to: String(repeating: "p", count: 1 << 20), among: ["p"]).isEmpty)
    }
}
