import Cluster
import Testing

@testable import Lessons

/// The document, or the line and problem that it was refused for.
func parse(_ text: String) -> Result<MarkdownDocument, DocumentError> {
    do { return .success(try MarkdownDocument(path: "a.md", text: text)) } catch {
        return .failure(error)
    }
}

/// Why a text is refused, as `line: problem`; nil when it is not.
func refusal(_ text: String) -> (line: Int, problem: DocumentProblem)? {
    guard case .failure(let error) = parse(text) else { return nil }
    return (error.line, error.problem)
}

let wholeLesson = """
    # 3. The lost suffix

    About 8 minutes.

    ```shiplog setup
    > start replicas=3 seed=7
    ```

    The primary says OK.

    ```shiplog
    > say one two
    one
    two
    > ! fail no
    no
    ```
    ```predict
    How many?
    - 0
    - 1 *
    because: one was never shipped.
    ```

    ```task
    Promote it.
    goal: primary = r2
    solution: set primary r2
    ```
    The end.

    """

struct MarkdownDocumentTests {
    @Test func `a lesson is cut into its blocks`() throws {
        let document = try parse(wholeLesson).get()
        #expect(document.title == "3. The lost suffix")
        #expect(document.claim == "About 8 minutes.")
        #expect(document.settings == LabOptions(replicas: 3, seed: 7))
        let kinds = document.blocks.map { block in
            switch block.content {
            case .prose: "prose"
            case .shiplog: "shiplog"
            case .predict: "predict"
            case .task: "task"
            }
        }
        #expect(
            kinds == ["prose", "shiplog", "prose", "shiplog", "predict", "prose", "task", "prose"])
        #expect(document.blocks.map(\.firstLine) == [1, 5, 8, 11, 18, 24, 25, 30])
    }

    @Test(arguments: [
        wholeLesson, String(wholeLesson.dropLast()), "", "\n", "\n\n", "a", "# T\n\n\n",
    ])
    func `the blocks joined are the file`(_ text: String) throws {
        let document = try parse(text).get()
        #expect(Array(document.source.utf8) == Array(text.utf8))
    }

    @Test func `two spellings of one letter stay two spellings`() throws {
        let text = "caf\u{E9} cafe\u{301}\n"
        #expect(Array(try parse(text).get().source.utf8) == Array(text.utf8))
    }

    @Test func `a carriage return is refused where it stands`() {
        #expect(refusal("# T\nfine\nbad\r\n").map { $0 == (3, .carriageReturn) } == true)
        let error = DocumentError(path: "lessons/a.md", line: 3, problem: .carriageReturn)
        #expect(
            error.description
                == "lessons/a.md:3: a carriage return: save the file with LF line ends")
    }

    @Test(arguments: ["```shiplog\n> say\n", "a\n```task\n", "```sh\nls\n``\n"])
    func `a fence that never closes is refused`(_ text: String) {
        #expect(refusal(text)?.problem == .unclosedFence)
    }

    @Test func `fences of other languages are prose and never run`() throws {
        let text = """
            # T
            ````markdown
            ```shiplog
            > say hello
            ```
            ````
            ~~~
            ```task
            ~~~
            ```sh
            # not a title
            ```

            """
        let document = try parse(text).get()
        #expect(document.blocks.map(\.content) == [.prose])
        #expect(document.source == text)
        #expect(document.claim == nil)
    }

    @Test(arguments: [
        " ```shiplog\n> x\n```\n", "~~~shiplog\n> x\n~~~\n", "```Shiplog\n> x\n```\n",
        "> ```task\n> x\n> ```\n", "\t```predict\n```\n", "      ```shiplog\n",
    ])
    func `a fence that looks like ours and would never run is refused`(_ text: String) {
        guard case .misplacedFence? = refusal(text)?.problem else {
            Issue.record("accepted: \(text)")
            return
        }
    }

    @Test func `a fence of four backticks holds a line of three`() throws {
        let document = try parse("````shiplog\n> say\n```\n````\n").get()
        #expect(document.fences.first?.steps.first?.output == ["```"])
    }

    @Test func `the claim stands between the heading and the first fence`() throws {
        #expect(try parse("# T\n<!-- x -->\n\nClaim.\nMore.\n").get().claim == "Claim.")
        let fence = "```shiplog\n> say\n```\n"
        #expect(try parse("# T\n\(fence)Too late.\n").get().claim == nil)
        #expect(try parse("Too early.\n# T\n").get().claim == nil)
        #expect(try parse("#hash\n####### seven\ntext\n").get().title == nil)
    }

    @Test func `start is the first command and stands in a setup fence`() throws {
        let start = "```shiplog setup\n> start seed=9\n```\n"
        #expect(try parse(start).get().settings == LabOptions(replicas: 2, seed: 9))
        #expect(try parse("").get().settings == LabOptions(replicas: 2, seed: 1))
        #expect(
            refusal("```shiplog\n> say\n```\n" + start).map { $0 == (5, .misplacedStart) } == true)
        #expect(refusal("```shiplog\n> start\n```\n")?.problem == .misplacedStart)
        #expect(refusal("```shiplog setup\n> ! start\n```\n")?.problem == .misplacedStart)
        #expect(refusal(start + start)?.line == 5)
    }

    @Test(arguments: [
        "replicas=two", "replicas=-1", "seed", "seed=", "colour=red", "seed=1 seed=1",
    ])
    func `a word that start does not know is refused`(_ words: String) {
        let problem = refusal("```shiplog setup\n> start \(words)\n```\n")?.problem
        guard case .badStart? = problem else {
            Issue.record("accepted: start \(words)")
            return
        }
    }

    @Test func `the innermost folder says what a file must have`() {
        #expect(DocumentKind(absolutePath: "/a/lessons/01.md") == .lesson)
        #expect(DocumentKind(absolutePath: "/lessons/b/transcripts/c/d.md") == .transcript)
        #expect(DocumentKind(absolutePath: "/transcripts/x/lessons/d.md") == .lesson)
        #expect(DocumentKind(absolutePath: "/a/lessons.md") == .other)
    }

    @Test func `each kind requires its form`() throws {
        func lacks(_ text: String, _ kind: DocumentKind) throws -> DocumentProblem? {
            let document = try parse(text).get()
            do { try document.require(formOf: kind) } catch { return error.problem }
            return nil
        }
        let fence = "```shiplog\n> say\n```\n"
        #expect(try lacks("", .other) == nil)
        #expect(try lacks(fence, .lesson) == .noTitle)
        #expect(try lacks("# T\n" + fence, .lesson) == nil)
        #expect(try lacks("# T\n" + fence, .transcript) == .noClaim)
        #expect(try lacks("# T\nClaim.\n", .transcript) == .nothingToRun)
        #expect(try lacks("# T\nClaim.\n" + fence, .transcript) == nil)
    }
}
