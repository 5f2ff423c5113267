/// Which file of a target names types that another file of it declares, and which circles that
/// makes.
///
/// Enough to see circles, and no compiler: types of a file's outermost level count, by their names.
/// A member, a free function and a nested type are seen only through the type that they belong to.
/// A file of extensions uses what it extends.
struct TypeReferences {
    /// From a file to those whose types it names.
    private(set) var uses: [String: Set<String>] = [:]

    init(_ files: [Repository.File]) {
        let read = files.map { (path: $0.path, tokens: SwiftTokens($0.text)) }
        var declared: [String: Set<String>] = [:]
        for file in read {
            for type in file.tokens.sharedTypes { declared[type, default: []].insert(file.path) }
        }
        for file in read {
            let named = file.tokens.namedTypes.subtracting(file.tokens.nestedTypes)
            let others = named.flatMap { declared[$0] ?? [] }
            uses[file.path] = Set(others).subtracting([file.path])
        }
    }

    /// The same for the folders that the files are in.
    var ofFolders: [String: Set<String>] {
        var folders: [String: Set<String>] = [:]
        for (file, others) in uses {
            let folder = Self.folder(of: file)
            folders[folder, default: []].formUnion(others.map(Self.folder))
            folders[folder]?.remove(folder)
        }
        return folders
    }

    private static func folder(of file: String) -> String {
        file.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// The largest sets in which everyone can be reached from everyone, each with more than one
    /// member, in the order of their names.
    static func circles(_ arrows: [String: Set<String>]) -> [[String]] {
        let reach = Dictionary(
            uniqueKeysWithValues: arrows.keys.map { ($0, reached(from: $0, arrows)) })
        var circles: [[String]] = []
        var seen: Set<String> = []
        for start in arrows.keys.sorted() where !seen.contains(start) {
            let circle = (reach[start] ?? []).filter { reach[$0]?.contains(start) ?? false }
            seen.formUnion(circle)
            if circle.count > 1 { circles.append(circle.sorted()) }
        }
        return circles
    }

    private static func reached(
        from start: String, _ arrows: [String: Set<String>]
    ) -> Set<String> {
        var found: Set<String> = []
        var waiting = Array(arrows[start] ?? [])
        while let next = waiting.popLast() {
            if found.insert(next).inserted { waiting += arrows[next] ?? [] }
        }
        return found
    }
}

extension SwiftTokens {
    private static let typeKinds: Set = [
        "struct", "class", "enum", "protocol", "actor", "typealias",
    ]

    /// The types declared at the outermost level that other files can see.
    var sharedTypes: [String] { typesByLevel.shared }

    /// Those declared inside another type: in their file their names mean them.
    var nestedTypes: Set<String> { typesByLevel.nested }

    private var typesByLevel: (shared: [String], nested: Set<String>) {
        var types: [String] = []
        var nested: Set<String> = []
        var depth = 0
        for index in tokens.indices.dropLast() {
            switch tokens[index].text {
            case "{": depth += 1
            case "}": depth -= 1
            case let kind where depth > 0 && Self.typeKinds.contains(kind):
                nested.insert(tokens[index + 1].text)
            case let kind where Self.typeKinds.contains(kind):
                let modifiers = tokens[..<index].suffix(2).map(\.text)
                let isOwn = modifiers.contains("private") || modifiers.contains("fileprivate")
                let name = tokens[index + 1].text
                if !isOwn, name.first?.isUppercase == true { types.append(name) }
            default: break
            }
        }
        return (types, nested)
    }

    /// The names that may be types, but for those that are members of another.
    var namedTypes: Set<String> {
        let names = tokens.indices.filter {
            tokens[$0].text.first?.isUppercase == true
                && ($0 == 0 || tokens[$0 - 1].text != ".")
        }
        return Set(names.map { tokens[$0].text })
    }
}
