import Foundation
import Testing

@testable import Lessons

/// A folder of its own for each test, removed with the suite's instance.
final class CheckedFilesTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "shiplog-lessons-\(UUID().uuidString)")
    private let world = ScriptedLab.World()

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    @discardableResult
    private func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    private func check(_ paths: String..., updates: Bool = false) throws -> CheckReport {
        try Checker(options: .init(updates: updates), startLab: world.start).check(paths)
    }

    @Test func `a folder stands for the Markdown files in and below it, in order`() throws {
        for name in ["b.md", "a/z.md", "a/B.md", "a-b.md", "notes.txt", ".hidden.md", ".git/c.md"] {
            try write(name, "Prose.\n")
        }
        try FileManager.default.createSymbolicLink(
            atPath: path("loop"), withDestinationPath: folder.path)
        let report = try check(folder.path + "/", path("b.md"))
        let names = report.files.map { $0.path.replacing(folder.path + "/", with: "") }
        #expect(names == ["a-b.md", "a/B.md", "a/z.md", "b.md"])
        #expect(report.lines == ["4 passed, 0 failed"])
    }

    @Test func `files that run side by side are told of in order`() throws {
        let names = (10..<60).map { "\($0).md" }
        for name in names { try write(name, name.hasPrefix("3") ? "```shiplog\n" : "Prose.\n") }
        let alone = try check(folder.path)
        let report = try Checker(options: .init(jobs: 4), startLab: world.start)
            .check([folder.path])
        #expect(report.files.map(\.path) == names.map(path))
        #expect(report.lines == alone.lines)
        #expect(report.failed == 10)
    }

    @Test func `a path that names nothing is an error, and nothing is run`() throws {
        let good = try write("good.md", fence("> say"))
        #expect(throws: TextFileError.missing(path: path("gone"))) {
            try check(good, path("gone"))
        }
        #expect(world.settings.isEmpty)
        try write("empty/x.txt", "")
        #expect(throws: TextFileError.noMarkdown(folder: path("empty"))) {
            try check(path("empty"))
        }
    }

    @Test func `a file that is not UTF-8 is refused with its line`() throws {
        let file = folder.appending(path: "a.md")
        try Data([0x61, 0x0A, 0x62, 0xFF, 0x0A]).write(to: file)
        #expect(try check(file.path).lines == ["\(file.path):2: not UTF-8", "0 passed, 1 failed"])
    }

    @Test func `a file that cannot be parsed fails, and the others are still checked`() throws {
        try write("a.md", "```shiplog\n")
        try write("b.md", fence("> say"))
        #expect(
            try check(folder.path).lines == [
                "\(path("a.md")):1: this fence never closes", "1 passed, 1 failed",
            ])
    }

    @Test func `the folder a file lies in says what it must have`() throws {
        let transcript = try write("transcripts/a.md", "# T\n" + fence("> say"))
        #expect(try check(transcript).lines.first?.contains("no claim") == true)
        let lesson = try write("lessons/a.md", "# T\n" + fence("> say a", "..."))
        #expect(try check(lesson).lines.first?.contains("an elided line") == true)
    }

    @Test func `an update rewrites the outputs that differ and nothing else`() throws {
        let before =
            "# T  \n\n\n" + fence("> say a b", "x", "> say c", "c", "> say d e f", "d", "...")
            + "\ttext\n" + fence("> say 1 2 3", "1", "[..]", "4", "> say", "gone") + "no line feed"
        let after =
            "# T  \n\n\n" + fence("> say a b", "a", "b", "> say c", "c", "> say d e f", "d", "...")
            + "\ttext\n" + fence("> say 1 2 3", "1", "[..]", "3", "> say") + "no line feed"
        let file = try write("a.md", before)
        #expect(
            try check(file, updates: true).lines == [
                "updated: \(file): 3 outputs", "elided: \(file): 2 lines", "1 passed, 0 failed",
            ])
        #expect(try text("a.md") == after)
        #expect(try check(file).failed == 0)
    }

    @Test func `an update that changes nothing does not touch the file`() throws {
        let file = try write("a.md", fence("> say a", "a"))
        let before = try FileManager.default.attributesOfItem(atPath: file)
        #expect(try check(file, updates: true).lines == ["1 passed, 0 failed"])
        let after = try FileManager.default.attributesOfItem(atPath: file)
        #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    }

    @Test func `an update replaces the file as a whole and keeps its mode and its link`() throws {
        let file = try write("real/a.md", fence("> say a", "b"))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        try FileManager.default.createSymbolicLink(
            atPath: path("link.md"), withDestinationPath: file)
        let before = try FileManager.default.attributesOfItem(atPath: file)
        #expect(try check(path("link.md"), updates: true).failed == 0)
        let after = try FileManager.default.attributesOfItem(atPath: file)
        #expect(before[.systemFileNumber] as? Int != after[.systemFileNumber] as? Int)
        #expect(after[.posixPermissions] as? Int == 0o640)
        #expect(try text("real/a.md") == fence("> say a", "a"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: path("real")) == ["a.md"])
        let link = try FileManager.default.attributesOfItem(atPath: path("link.md"))
        #expect(link[.type] as? FileAttributeType == .typeSymbolicLink)
    }

    @Test(arguments: ["> fail", "> ! say", "> starts", "> print x\\s"])
    func `an update records nothing of a file whose commands go wrong`(_ command: String) throws {
        let before = fence("> say a", "b", command)
        let file = try write("a.md", before)
        #expect(try check(file, updates: true).failed == 1)
        #expect(try text("a.md") == before)
    }

    @Test func `an update does not hide a goal that is not met`() throws {
        let task = "```task\nDo.\ngoal: lost = 1\nsolution: say\n```\n"
        let file = try write("a.md", fence("> say a", "b") + task)
        #expect(try check(file, updates: true).failed == 1)
        #expect(try text("a.md") == fence("> say a", "a") + task)
    }

    @Test func `a file that the system refuses is named with the system's reason`() throws {
        let refused = TextFileError.unreadable(path: folder.path, reason: "Is a directory")
        #expect(throws: refused) { try TextFiles.text(of: folder.path) }
        #expect(refused.description == "\(folder.path): cannot be read: Is a directory")
        #expect(
            throws: TextFileError.unwritable(path: path("x"), reason: "No such file or directory")
        ) { try TextFiles.replace(path("x"), with: "") }
    }
}
