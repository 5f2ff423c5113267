import CommandLanguage
import Testing

/// Facts as goals and predictions name them.
struct FactReadingTests {
    private static let names = ParsingContext(
        nodeNames: ["p", "r1", "r2"], configNames: ["fsync", "wal_keep_size"])

    private func read(_ text: String) throws(FactProblem) -> Fact {
        try Fact(text.split(separator: " ").map(String.init), in: Self.names)
    }

    @Test(arguments: [
        ("time", Fact.lab(.time)), ("in_transaction", .lab(.inTransaction)),
        ("fsync", .setting("fsync")), ("commits_behind r2", .node(.commitsBehind, .named("r2"))),
        ("role primary", .node(.role, .primary)),
        ("value r1 pay:7", .value(.named("r1"), key: "pay:7")),
        ("wal_status p s", .walStatus(.named("p"), slot: "s")),
        ("diff p r1", .diff(.named("p"), .named("r1"))),
    ])
    func `words become a fact, and a fact those words`(_ text: String, _ fact: Fact) throws {
        #expect(try read(text) == fact)
        #expect(fact.description == text)
    }

    @Test(arguments: [
        ("comits r1", "there is no fact `comits`: write `commits NODE`"),
        ("weather", "there is no fact `weather`, such as `commits r1` or `lost`"),
        ("", "there is no fact ``, such as `commits r1` or `lost`"),
        ("fsnc", "there is no fact `fsnc`: write `fsync`"),
        ("valu r1 a", "there is no fact `valu`: write `value NODE KEY`"),
        ("role", "`role` is no fact: write `role NODE`"),
        ("lost r1", "`lost r1` is no fact: write `lost`"),
        ("fsync r1", "`fsync r1` is no fact: write `fsync`"),
        ("value p", "`value p` is no fact: write `value NODE KEY`"),
        ("state p x", "`state p x` is no fact: write `state NODE`"),
        ("role r3", "there is no node `r3`: write `r1` or `r2`"),
        ("diff p q", "there is no node `q`: write `p`, `r1`, `r2` or `primary`"),
    ])
    func `what is no fact is refused, with what to write instead`(
        _ text: String, _ problem: String
    ) {
        do throws(FactProblem) {
            Issue.record("\(try read(text))")
        } catch {
            #expect(error.description == problem)
        }
    }
}
