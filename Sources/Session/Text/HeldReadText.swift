internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import WireProtocol

// A read that lasts, in words.
extension HeldRead {
    /// `a = 1`, `2 rows`: what was seen of what it reads.
    func shown(_ value: String?) -> String {
        guard let key else { return CountText.of(value.flatMap { Int($0) } ?? 0, "row") }
        let name = Words.quoted(key)
        return value.map { "\(name) = \($0.escapedForDisplay)" } ?? "no \(name)"
    }

    /// What it is, in a line.
    var line: String {
        "\(node) is read from \(began.text) to \(ends.text): it shows \(shown(seen))"
    }

    var json: JSONValue {
        [
            "node": .string(node), "key": .optional(key), "seen": .optional(seen),
            "began_at": began.json, "ends_at": ends.json,
        ]
    }
}

extension HeldReadEvent {
    /// As an event, behind the node's name.
    var text: String {
        switch self {
        case .ended(let read, let last, let present):
            "read over: it saw \(read.shown(last))"
                + (last == read.seen ? " to the end" : ", and \(read.shown(read.seen)) before")
                + (present == last ? "" : "; now: \(read.shown(present))")
        case .refused(_, let error): "read: \(error.code) \(error.message.escapedForDisplay)"
        case .lost: "read: its connection is lost"
        }
    }
}

extension LabSnapshot.Node {
    /// Who reads there from a snapshot, and which rows that keeps; nil: nobody.
    var readersLine: String? {
        readers.map {
            "\(name) has \(CountText.of($0.count, "reader")) since \($0.since.text), "
                + "xmin \($0.xmin)"
        }
    }

    /// What its replay waits for; nil: for nothing but time.
    var replayHoldLine: String? {
        replayHold.map {
            "replay on \(name) waits for \(CountText.of($0.readers, "reader")) since "
                + "\($0.since.text), "
                + ($0.until.map { "till \($0.text)" } ?? "for as long as it takes")
        }
    }
}
