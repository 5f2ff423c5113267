/// Reads a tar archive (POSIX ustar, see `TarHeader`) that arrives in pieces of any size. Pure.
///
/// What comes from a wire is not believed: names that lead out of the directory, links, files
/// longer than any of PostgreSQL's, names that come twice are refused.
///
/// - It holds less than one block, and the names.
/// - A file or directory comes after the directory it lies in.
struct TarReader: Hashable {
    /// What was found.
    enum Event: Hashable {
        case directory(String)
        /// A file begins; so many bytes of content follow.
        case file(String, byteCount: Int)
        case content([UInt8])
        /// The file is complete.
        case fileEnd
    }

    private enum State: Hashable {
        case header
        case content(left: Int, padding: Int)
        case padding(left: Int)
        /// The first of the two blocks of zeros has come.
        case ending
        case ended
    }

    /// PostgreSQL cuts its files at 1 GiB.
    static let maximumFileByteCount = 1 << 30
    static let maximumMemberCount = 100_000

    private var state = State.header
    private var partial: [UInt8] = []
    private var names: Set<String> = []
    private var directories: Set<String> = [""]

    /// The two blocks of zeros have come.
    var hasEnded: Bool { state == .ended }

    /// Takes a piece of the archive.
    mutating func feed(_ bytes: [UInt8]) throws(BackupReceiver.Failure) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .header, .ending:
                try takeBlock(&rest, &events)
            case .content(let left, let padding):
                let piece = rest.prefix(left)
                rest = rest.dropFirst(piece.count)
                events.append(.content(Array(piece)))
                let isComplete = piece.count == left
                if isComplete { events.append(.fileEnd) }
                state =
                    isComplete
                    ? Self.after(padding) : .content(left: left - piece.count, padding: padding)
            case .padding(let left):
                let count = min(left, rest.count)
                rest = rest.dropFirst(count)
                state = Self.after(left - count)
            case .ended:
                throw .badArchive("it goes on behind its end")
            }
        }
        return events
    }

    private static func after(_ padding: Int) -> State {
        padding == 0 ? .header : .padding(left: padding)
    }

    private mutating func takeBlock(
        _ rest: inout ArraySlice<UInt8>, _ events: inout [Event]
    ) throws(BackupReceiver.Failure) {
        let missing = TarHeader.blockByteCount - partial.count
        partial += rest.prefix(missing)
        rest = rest.dropFirst(missing)
        guard partial.count == TarHeader.blockByteCount else { return }
        let block = partial
        partial = []
        guard block.contains(where: { $0 != 0 }) else {
            state = state == .ending ? .ended : .ending
            return
        }
        guard state == .header else {
            throw .badArchive("a member behind the first block of zeros")
        }
        try begin(try TarMember(block), &events)
    }

    private mutating func begin(
        _ member: TarMember, _ events: inout [Event]
    ) throws(BackupReceiver.Failure) {
        let name = "\"\(member.path)\""
        guard BackupPath.isSafe(member.path) else {
            throw .badArchive("the name \(name) leads out of the directory")
        }
        guard names.insert(member.path).inserted else { throw .badArchive("\(name) comes twice") }
        guard names.count <= Self.maximumMemberCount else { throw .badArchive("too many members") }
        guard directories.contains(BackupPath.parent(of: member.path)) else {
            throw .badArchive("\(name) comes before its directory")
        }
        guard let byteCount = member.byteCount else {
            directories.insert(member.path)
            events.append(.directory(member.path))
            return
        }
        guard byteCount <= Self.maximumFileByteCount else {
            throw .badArchive("\(name) is said to have \(byteCount) bytes")
        }
        events.append(.file(member.path, byteCount: byteCount))
        let padding = TarHeader.padding(after: byteCount).count
        state = .content(left: byteCount, padding: padding)
        if byteCount == 0 {
            events.append(.fileEnd)
            state = .header
        }
    }
}

/// A member's header, read.
private struct TarMember {
    let path: String
    /// Nil for a directory.
    let byteCount: Int?

    init(_ block: [UInt8]) throws(BackupReceiver.Failure) {
        func field(_ offset: Int, _ count: Int) -> ArraySlice<UInt8> {
            block[offset..<offset + count]
        }
        guard field(257, 5).elementsEqual("ustar".utf8) else {
            throw .badArchive("not a tar header")
        }
        let sum = block.indices.reduce(0) {
            $0 + ((148..<156).contains($1) ? 0x20 : Int(block[$1]))
        }
        guard Self.number(field(148, 8)) == sum else {
            throw .badArchive("a header with a wrong checksum")
        }
        guard let name = Self.text(field(0, 100)), let prefix = Self.text(field(345, 155)) else {
            throw .badArchive("a name that is no text")
        }
        let whole = prefix.isEmpty ? name : prefix + "/" + name
        switch block[156] {
        case UInt8(ascii: "5"):
            path = whole.hasSuffix("/") ? String(whole.dropLast()) : whole
            byteCount = nil
        case UInt8(ascii: "0"), 0:
            path = whole
            guard let count = Self.number(field(124, 12)) else {
                throw .badArchive("\"\(whole)\" has no length")
            }
            byteCount = count
        case let type:
            throw .badArchive("\"\(whole)\" is neither file nor directory (type \(type))")
        }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String? {
        String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal, ended by a space or a zero; or binary, with the top bit set.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        var value = 0
        if first == 0x80 {
            for byte in field.dropFirst() {
                guard value < 1 << 54 else { return nil }
                value = value << 8 | Int(byte)
            }
            return value
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard !digits.isEmpty else { return nil }
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value < 1 << 54 else {
                return nil
            }
            value = value << 3 | Int(digit & 7)
        }
        return value
    }
}

/// Paths as an archive and a manifest may name them.
enum BackupPath {
    /// What the receiving directory keeps for itself.
    private static let reserved: Set = [
        "backup_manifest", "basebackup.incomplete", "shiplog.lock",
    ]

    /// Whether a path is relative, stays inside its directory, and is nobody else's.
    static func isSafe(_ path: String) -> Bool {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        return path.utf8.count <= 255 && !reserved.contains(path)
            && names.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    static func isWAL(_ path: String) -> Bool { path.hasPrefix("pg_wal/") }
}
