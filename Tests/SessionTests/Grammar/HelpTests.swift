import CommandLanguage
import JSON
import Testing

@testable import Session

struct HelpTests {
    private static let help = Help(language.table)
    private static let topics: [HelpTopic?] =
        [nil, .syntax] + language.table.specs.map { .command($0) }
        + CommandGroup.allCases.map { .group($0) }

    @Test(arguments: topics)
    func `help is plain ASCII within 78 columns`(_ topic: HelpTopic?) {
        for line in Self.help.lines(topic) {
            #expect(line.utf8.count <= Help.width)
            #expect(line.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
            #expect(line.last != " ")
        }
    }

    @Test func `help lists every command with its usage and summary, by task`() {
        let lines = Self.help.lines()
        for spec in language.table.specs {
            #expect(
                lines.contains {
                    $0.hasPrefix("  \(spec.briefUsage)  ") && $0.hasSuffix(spec.summary)
                })
        }
        #expect(
            lines.filter { !$0.hasPrefix(" ") && $0.contains("(") }.count
                == CommandGroup.allCases.count)
    }

    @Test func `the page of a command has usage, meaning, one example and where to read on`() {
        let lines = Self.help.lines(.command(PromoteCommand.spec))
        #expect(lines.first == "promote [REPLICA] [--dry-run]")
        #expect(lines.contains("example:   promote r1"))
        #expect(lines.last == "see also:  lost, status, crash")
        #expect(lines.contains { $0.contains("failover procedure") })
    }

    @Test func `no command points at itself, and every one points somewhere`() {
        for spec in language.table.specs {
            #expect(!spec.seeAlso.isEmpty)
            #expect(!spec.seeAlso.contains(spec.name))
            #expect(spec.seeAlso.allSatisfy { language.table.spec(named: $0)?.name == $0 })
        }
    }

    @Test func `the words people try first are no verbs and point at one verb each`() {
        let words = language.table.specs.flatMap(\.triedWords)
        #expect(Set(words).count == words.count)
        #expect(words.allSatisfy { language.table.spec(named: $0) == nil })
    }

    @Test func `the Markdown page holds every command once, with its example in a fence`() {
        let page = Self.help.lines(.page)
        for spec in language.table.specs {
            #expect(page.filter { $0 == "### \(spec.name)" }.count == 1)
            #expect(page.contains("> \(spec.example)"))
        }
        #expect(page.first == "# Commands")
        #expect(page.last?.isEmpty == false)
        #expect(page.filter { $0.utf8.count > 100 } == [])
    }

    @Test func `help in JSON names every command with its usage`() {
        #expect(Self.help.json().count == language.table.specs.count)
        #expect(
            Self.help.json(.command(StopCommand.spec)).map(\.encoded) == [
                #"{"command":"stop","group":"failure","usage":"stop NODE","#
                    + #""summary":"shut a node down cleanly","example":"stop primary","#
                    + #""see_also":["crash","restart"]}"#
            ])
    }
}
