import CommandLanguage
import Foundation
import Testing

@testable import Session

/// The one list of commands, held against the files they are in.
struct CommandListTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Session/Commands")

    /// `SetCommand` stands in `Set.swift`.
    private static let listed = CommandList.all.map { kind in
        switch kind {
        case .lab(let type): "\(type)"
        case .host(let type): "\(type)"
        }
    }

    @Test func `every command has a file, and every file's command is in the list`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        // `Read+Holding.swift` is more of `Read.swift`.
        let named = files.filter { !$0.contains("+") }
            .map { $0.replacing(".swift", with: "Command") }
        #expect(named.sorted() == Self.listed.sorted())
    }

    @Test func `a file is named for its verb`() {
        for kind in CommandList.all {
            let type =
                switch kind {
                case .lab(let type): "\(type)"
                case .host(let type): "\(type)"
                }
            #expect(type.lowercased() == kind.spec.name + "command")
        }
    }
}
