/// Rules about one file of code. Each gives the lines that break it, as `path:line: why`.
enum CodeRules {
    static let columnLimit = 100
    static let fileLimit = 350
    static let bodyLimit = 70

    static func longLines(_ file: Repository.File) -> [String] {
        file.lines.enumerated().filter { $1.count > columnLimit }
            .map { "\(file.path):\($0 + 1): \($1.count) columns, at most \(columnLimit)" }
    }

    static func longFile(_ file: Repository.File) -> [String] {
        let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
        return count > fileLimit ? ["\(file.path): \(count) lines, at most \(fileLimit)"] : []
    }

    static func longBodies(_ file: Repository.File) -> [String] {
        SwiftTokens(file.text).bodies.filter { $0.length > bodyLimit }
            .map { "\(file.path):\($0.line): \($0.length) lines, at most \(bodyLimit)" }
    }

    /// Names that name nothing.
    static func emptyNames(_ file: Repository.File) -> [String] {
        let name = file.path.split(separator: "/").last ?? ""
        let pieces = name.split(separator: ".").first?.split(separator: "+") ?? []
        let folders = file.path.split(separator: "/").dropLast()
        return (pieces + folders).filter { isEmptyName(String($0)) }
            .map { "\(file.path): `\($0)` does not say what it is" }
            + SwiftTokens(file.text).declaredTypes.filter { isEmptyName($0.text) }
            .map { "\(file.path):\($0.line): `\($0.text)` does not say what it is" }
    }

    /// Names that PostgreSQL gave, and that a reader will look for there.
    private static let givenNames: Set = ["ResourceManager"]

    private static func isEmptyName(_ name: String) -> Bool {
        if givenNames.contains(name) { return false }
        return ["Manager", "Helper", "Helpers", "Utils", "Utilities", "Common", "Misc"]
            .contains { name.hasSuffix($0) }
    }

    /// Waiting by the wall clock: it is slow where it works and wrong where it does not.
    static func sleeps(_ file: Repository.File) -> [String] {
        let patterns = [
            ["usleep"], ["nanosleep"], ["clock_nanosleep"], ["sleep", "("],
            ["sleepForTimeInterval"],
        ]
        return occurrences(patterns, in: file, "wait for what happens, not for time to pass")
    }

    /// Reading the wall clock, or asking a library to.
    static func wallClocks(_ file: Repository.File) -> [String] {
        let patterns = [
            ["Date", "(", ")"], ["Date", ".", "now"], ["ContinuousClock"], ["SuspendingClock"],
            ["clock_gettime"], ["clock_gettime_nsec_np"], ["gettimeofday"], ["time", "(", "nil"],
            ["mach_absolute_time"], ["NIODeadline", ".", "now"], ["scheduleTask"],
            ["scheduleRepeatedTask"], ["scheduleRepeatedAsyncTask"], ["DispatchTime"],
            ["DispatchWallTime"], ["asyncAfter"], ["systemUptime"], ["CFAbsoluteTimeGetCurrent"],
        ]
        return occurrences(patterns, in: file, "only the executable reads the wall clock")
    }

    /// Errors of which nobody has said what they read like: printed, they would show their cases'
    /// names. One that is private to a type or a file is for control flow.
    static func speechlessErrors(_ file: Repository.File) -> [String] {
        let tokens = SwiftTokens(file.text).tokens
        let kinds: Set = ["struct", "class", "enum"]
        return tokens.indices.dropLast(2).compactMap { index in
            let before = index > 0 ? tokens[index - 1].text : ""
            guard kinds.contains(tokens[index].text), tokens[index + 2].text == ":",
                !["private", "fileprivate"].contains(before)
            else { return nil }
            let clause = Set(tokens[index...].prefix { $0.text != "{" }.map(\.text))
            guard clause.contains("Error"), !clause.contains("CustomStringConvertible") else {
                return nil
            }
            let name = tokens[index + 1]
            return "\(file.path):\(name.line): `\(name.text)` is an Error without a description"
        }
    }

    private static func occurrences(
        _ patterns: [[String]], in file: Repository.File, _ why: String
    ) -> [String] {
        let tokens = SwiftTokens(file.text)
        return patterns.flatMap { pattern in
            tokens.lines(of: pattern).map { "\(file.path):\($0): \(pattern.joined()): \(why)" }
        }
    }
}
