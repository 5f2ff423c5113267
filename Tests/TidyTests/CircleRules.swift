/// No circles inside a target: no two folders need each other, and no more than a few files do.
/// What many need lies below those who use it, so that a room can be read from the bottom up.
enum CircleRules {
    /// So many files may need each other: a type and what it is made of.
    static let fileLimit = 5

    /// A circle that stands for now.
    struct Exception: Hashable {
        enum Kind: Hashable {
            case files
            case folders
        }

        let target: String
        let kind: Kind
        /// It may shrink, and not grow.
        let size: Int
        let reason: String
    }

    static let exceptions = [
        Exception(
            target: "Cluster", kind: .folders, size: 2,
            reason: "Postgres and Lab: the lab holds its members, a real PostgreSQL among them"),
        Exception(
            target: "shiplog", kind: .files, size: 6,
            reason: "ArgumentParser: a command names its subcommands, and they name it"),
    ]

    /// The circles of a target that are too large, with the kind and what to say of each.
    static func breaches(
        _ files: [Repository.File], in target: String
    ) -> [(kind: Exception.Kind, size: Int, text: String)] {
        let references = TypeReferences(files)
        let ofFiles = TypeReferences.circles(references.uses).filter { $0.count > fileLimit }
        let ofFolders = TypeReferences.circles(references.ofFolders)
        return ofFiles.map { (.files, $0.count, text($0, "files", target)) }
            + ofFolders.map { (.folders, $0.count, text($0, "folders", target)) }
    }

    private static func text(_ circle: [String], _ what: String, _ target: String) -> String {
        let root = "Sources/\(target)/"
        let names = circle.map { $0.hasPrefix(root) ? String($0.dropFirst(root.count)) : $0 }
        return "\(target): \(circle.count) \(what) in a circle: \(names.joined(separator: ", "))"
    }

    static func isExcepted(_ target: String, _ kind: Exception.Kind, size: Int) -> Bool {
        exceptions.contains { $0.target == target && $0.kind == kind && size <= $0.size }
    }
}
