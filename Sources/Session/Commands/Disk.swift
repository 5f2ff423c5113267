internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON

/// `disk`: a node's disk fails from now on, or works again.
struct DiskCommand: LabCommand {
    let node: NodeReference
    let fault: DiskFault

    private enum Word: String, CaseIterable {
        case full, room, eio, ok
    }

    /// Megabytes that may be left.
    private static let rooms = 0...1_000_000

    private static let words = Word.allCases.map { word in
        switch word {
        case .full, .eio, .ok: Alternative(word.rawValue)
        case .room: Alternative(word.rawValue, [CommandParameter("MB", .number)])
        }
    }

    static let spec = CommandSpec(
        "disk", .storage, [.node, CommandParameter("CONDITION", .oneOf(words))],
        summary: "make a disk fail, or work again",
        details: """
            full: no file can grow. Writes go on as long as the log's last segment has room, \
            then they are refused; reads are served all the time. After 'disk p ok' the node \
            goes on where it stopped. 'disk p room 4' leaves room for 4 megabytes, and is full \
            then; WAL that a checkpoint removes gives its room back.
            eio: the next fsync fails. Nobody knows then what is on the disk, and a second \
            fsync would not tell, so the node acknowledges nothing any more until it is \
            restarted from what its disk really holds.
            """,
        example: "disk p full", seeAlso: ["restart", "set", "status"], changesState: true,
        triedWords: ["enospc", "fault", "io"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.setDiskFault(fault, on: name)
        }
        context.note(fault, on: name)
        let rest = fault == .none ? context.consequences(since: before) : context.events()
        return Reply(
            lines: [sentence(name, context.look())] + rest,
            json: [["node": .string(name), "disk": .string(fault.word)]])
    }

    private func sentence(_ name: String, _ now: Standing) -> String {
        switch fault {
        case .full: return "\(name)'s disk is full: no file can grow until 'disk \(name) ok'"
        case .room(let byteCount):
            return "\(name)'s disk has room for \(byteCount >> 20) MB more"
        case .syncError: return "\(name)'s next fsync will fail"
        case .none:
            guard case .failed = now.snapshot[name]?.state else { return "\(name)'s disk works" }
            return "\(name)'s disk works again, but nobody knows what it holds: restart \(name)"
        }
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension DiskCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        switch try arguments.word("CONDITION", of: Word.self) {
        case .full: fault = .full
        case .room: fault = .room(byteCount: try arguments.count("MB", Self.rooms) << 20)
        case .eio: fault = .syncError
        case .ok: fault = .none
        }
    }
}

extension DiskFault {
    /// As it is typed.
    fileprivate var word: String {
        switch self {
        case .full: "full"
        case .room(let byteCount): "room \(byteCount >> 20)"
        case .syncError: "eio"
        case .none: "ok"
        }
    }
}
