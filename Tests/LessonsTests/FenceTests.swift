import CommandLanguage
import Testing

@testable import Lessons

struct CommandFenceTests {
    private func fence(_ attributes: String, _ body: String...) throws -> CommandFence {
        let lines = ["```shiplog \(attributes)"] + body + ["```"]
        let document = try parse(lines.joined(separator: "\n")).get()
        return try #require(document.fences.first)
    }

    private func problem(_ attributes: String, _ body: String...) -> DocumentProblem? {
        refusal((["```shiplog \(attributes)"] + body + ["```"]).joined(separator: "\n"))?.problem
    }

    @Test func `each command owns the lines below it, empty ones too`() throws {
        let fence = try fence("", "> say a b", "a", "", "b", "> say", "> say c", "c", "")
        #expect(fence.steps.map(\.command) == ["say a b", "say", "say c"])
        #expect(fence.steps.map(\.output) == [["a", "", "b"], [], ["c", ""]])
        #expect(fence.steps.map(\.line) == [2, 6, 7])
    }

    @Test func `an exclamation mark or the attribute says that a command must fail`() throws {
        let marked = try fence("", "> ! fail", "> !fail", "> say !")
        #expect(marked.steps.map(\.mustFail) == [true, true, false])
        #expect(marked.steps.map(\.command) == ["fail", "fail", "say !"])
        let all = try fence("fails", "> say", "> ! say")
        #expect(all.steps.map(\.mustFail) == [true, true])
    }

    @Test func `attributes are read, and the reason to skip is the rest of the line`() throws {
        let fence = try fence("setup fails skip=needs a wall clock", "> say")
        #expect(fence.isSetup)
        #expect(fence.fails)
        #expect(fence.skipReason == "needs a wall clock")
    }

    @Test func `what means nothing is refused`() {
        #expect(problem("hidden", "> say") == .unknownAttribute("hidden"))
        #expect(problem("Setup", "> say") == .unknownAttribute("Setup"))
        #expect(problem("setup setup", "> say") == .repeatedAttribute("setup"))
        #expect(problem("skip= ", "> say") == .skipWithoutReason)
        #expect(problem("") == .noCommands)
        #expect(problem("", "hello", "> say") == .outputBeforeCommand("hello"))
        #expect(problem("", ">") == .emptyCommand)
        #expect(problem("", ">say") == .emptyCommand)
        #expect(problem("", "> !") == .emptyCommand)
        #expect(problem("", "> say\tx") == .controlCharacter)
        #expect(problem("", "> say ") == .trailingSpace)
        #expect(problem("", "> say", "x ") == .trailingSpace)
    }

    @Test func `only a shiplog fence takes attributes`() {
        #expect(refusal("```task hard\n```\n")?.problem == .unknownAttribute("hard"))
    }
}

struct PredictionTests {
    private let whole = [
        "How many?", "- 0", "- 1 *", "- 4", "because: one was", "  cut.", "answer: lost",
    ]

    private func predict(_ body: [String]) -> Result<MarkdownDocument, DocumentError> {
        parse((["```predict"] + body + ["```"]).joined(separator: "\n"))
    }

    private func problem(_ body: [String]) -> DocumentProblem? {
        guard case .failure(let error) = predict(body) else { return nil }
        return error.problem
    }

    @Test func `a question has choices, one of them right, and a reason`() throws {
        let question = try #require(try predict(whole).get().blocks.first?.prediction)
        #expect(question.question == ["How many?"])
        #expect(question.choices == ["0", "1", "4"])
        #expect(question.rightChoice == "1")
        #expect(question.because == "one was cut.")
        #expect(question.answer == .lab(.lost))
    }

    @Test func `a question that lacks a part is refused`() {
        #expect(problem(Array(whole[1...])) == .missing("question"))
        #expect(problem(whole.filter { $0 != "- 1 *" }) == .starredChoices(0))
        #expect(problem(Array(whole[..<4])) == .missing("`because:`"))
    }

    @Test func `choices are two or more, all different, one starred`() {
        #expect(problem(["Q", "- 0 *", "because: x"]) == .missing("two choices"))
        #expect(problem(["Q", "- 0 *", "- 1 *", "because: x"]) == .starredChoices(2))
        #expect(problem(["Q", "- 1 *", "- 1", "because: x"]) == .repeatedChoice("1"))
        #expect(
            problem(["Q", "- 0 *", "- 1", "because: x", "because: y"]) == .repeated("`because:`"))
        #expect(problem(["Q", "- 0 *", "- 1", "becos: x"]) == .strayLine("becos: x"))
    }
}

struct LabTaskTests {
    private let whole = [
        "Crash it and promote the best.", "goal: role r2 = primary", "goal: lost = 0",
        "when: role r1 = primary -> You promoted r1:", "  it had 3.", "hint: Compare.",
        "hint: `promote` takes a name.", "solution: crash p; promote r2", "solution: status",
    ]

    private func task(_ body: [String]) -> Result<MarkdownDocument, DocumentError> {
        parse((["```task"] + body + ["```"]).joined(separator: "\n"))
    }

    private func refusal(_ body: [String]) -> DocumentError? {
        guard case .failure(let error) = task(body) else { return nil }
        return error
    }

    @Test func `a task has a text, goals, wrong turns, hints and a solution`() throws {
        let task = try #require(try task(whole).get().blocks.first?.task)
        #expect(task.text == ["Crash it and promote the best."])
        #expect(task.goals.map(\.goal.description) == ["role r2 = primary", "lost = 0"])
        #expect(task.goals.map(\.line) == [3, 4])
        #expect(task.wrongTurns.map(\.condition.description) == ["role r1 = primary"])
        #expect(task.wrongTurns.map(\.message) == ["You promoted r1: it had 3."])
        #expect(task.hints == ["Compare.", "`promote` takes a name."])
        #expect(task.solution.map(\.command) == ["crash p; promote r2", "status"])
    }

    @Test func `a task that lacks a part is refused`() {
        #expect(refusal(Array(whole[1...]))?.problem == .missing("text"))
        #expect(refusal([whole[0], whole[7]])?.problem == .missing("`goal:`"))
        #expect(refusal([whole[0], whole[1]])?.problem == .missing("`solution:`"))
        #expect(refusal([whole[0], "goal:"])?.problem == .missing("text after `goal:`"))
    }

    @Test func `a misspelled part is refused where it stands`() {
        #expect(refusal(["Do it.", "gaol: x = 1"])?.problem == .strayLine("gaol: x = 1"))
        #expect(refusal(["Do it.", "goal: lost = 1", "Then more."])?.line == 4)
        #expect(refusal(["Do it.", "goal: x"])?.problem == .badGoal("x"))
        #expect(refusal(["Do it.", "when: x = 1"])?.problem == .badWhen("x = 1"))
        #expect(refusal(["Do it.", "when: x = 1 -> "])?.problem == .badWhen("x = 1 ->"))
        #expect(refusal(["Do it.", "when: x -> y"])?.problem == .badGoal("x"))
    }
}

struct GoalTests {
    private let names = ParsingContext(nodeNames: ["p", "r1"])

    @Test(arguments: [
        ("lost = 0", "0", true), ("lost = 0", "00", false), ("lost != 0", "12", true),
        ("lost != 0", nil, true), ("value r1 k = nothing", nil, true),
        ("primary = a b", "a b", true),
        ("lost < 12", "11", true), ("lost < 12", "12", false), ("lost <= 12", "12", true),
        ("lost > 9", "10", true), ("lost >= 10", "9", false),
        ("time_lag r1 < 900ms", "800ms", true),
        ("time_lag r1 < 900ms", "1s", false), ("time_lag r1 > 1s", "x", false),
        ("time_lag r1 > 1s", nil, false),
        ("lost > -3", "-2", true),
    ])
    func `a goal judges what was observed`(_ text: String, _ observed: String?, _ met: Bool) throws
    {
        let goal = try Goal(parsing: text, in: names)
        #expect(goal.isMet(by: observed) == met)
        #expect(goal.description == text)
    }

    @Test(arguments: [
        "", "lost", "lost =", "= 0", "lost=0", "lost == 0", "lost < soon", "lost > 1 2",
        "lost < 99999999999999999999",
    ])
    func `what is no goal is refused`(_ text: String) {
        #expect(throws: DocumentProblem.badGoal(text)) { try Goal(parsing: text, in: names) }
    }

    @Test(arguments: [
        ("task", "Do.\ngoal: lost = 0\ngoal: comits r1 = 3\nsolution: x", 4, "`commits NODE`"),
        ("task", "Do.\ngoal: lost = 0\nwhen: role r9 = x -> y\nsolution: x", 4, "node `r9`"),
        ("task", "Do.\ngoal: role = x\nsolution: x", 3, "`role NODE`"),
        ("predict", "Q\n- a *\n- b\nbecause: c\nanswer: fsnc", 6, "write `fsync`"),
        ("predict", "Q\n- a *\n- b\nbecause: c\nanswer: role r3", 6, "node `r3`"),
    ])
    func `what no lab has cannot be asked for`(
        _ fence: String, _ body: String, _ line: Int, _ what: String
    ) throws {
        let error = refusal("```\(fence)\n\(body)\n```\n")
        #expect(error?.line == line)
        #expect((error?.problem).map { "\($0)".contains(what) } == true)
    }

    @Test func `the nodes are those of the file's own lab, wherever it is started`() throws {
        let task = "```task\nDo.\ngoal: role r3 = primary\nsolution: x\n```\n"
        let start = "```shiplog setup\n> start replicas=3\n```\n"
        #expect(refusal(task)?.line == 3)
        #expect(refusal(task + start) == nil)
        #expect(refusal(start.replacing("3", with: "99999999") + task) == nil)
    }

    @Test func `two spellings of one letter are two values`() throws {
        #expect(try !Goal(parsing: "primary = caf\u{E9}", in: names).isMet(by: "cafe\u{301}"))
    }
}
