import Foundation

/// The files that are kept under version control, as far as one can tell without asking git: all
/// but what `.gitignore` leaves out.
struct Repository {
    /// A text file, its path told from the root.
    struct File {
        let path: String
        let text: String

        var lines: [String] {
            text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        var isSwift: Bool { path.hasSuffix(".swift") }
        /// `lessons/01-first.md` is in the folder `lessons`, not in `less`.
        func isBelow(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }
    }

    static let whole = Repository(
        root: URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent())

    let root: URL
    /// The names in the root.
    let entries: [String]
    let files: [File]

    /// The Swift files of the program and its tests.
    var code: [File] {
        files.filter { $0.isSwift && ($0.isBelow("Sources") || $0.isBelow("Tests")) }
    }

    /// The same and the C files: to the rules that read words and lines, C is like Swift.
    var codeWithC: [File] {
        code + files.filter { $0.isBelow("Sources") && $0.path.hasSuffix(".c") }
            + files.filter { $0.isBelow("Sources") && $0.path.hasSuffix(".h") }
    }

    init(root: URL) {
        self.root = root
        let all = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        entries = all.filter { !Self.isIgnored($0) }.sorted()
        files = entries.flatMap { Self.files(at: $0, root: root) }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".build") || name == ".git" || name == ".swiftpm"
            || name == "Package.resolved" || name.hasSuffix(".swp")
    }

    private static func files(at path: String, root: URL) -> [File] {
        let full = root.appending(path: path).path
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: full) else {
            guard let data = FileManager.default.contents(atPath: full),
                let text = String(data: data, encoding: .utf8)
            else { return [] }
            return [File(path: path, text: text)]
        }
        return names.filter { !isIgnored($0) }.sorted().flatMap { name in
            files(at: "\(path)/\(name)", root: root)
        }
    }
}
