internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Network

// What is wrong with one way of a link, for people and for programs.
extension WireFaults {
    /// `travels 65ms, up to 5ms more; 10MB/s; window 6MB`; what does not get through at all is
    /// said by `obstacles`.
    var text: String {
        let more = jitter > .zero ? ", up to \(jitter.text) more" : ""
        return
            ([(delay > .zero ? "travels \(delay.text)" : "travels at once") + more]
            + (bandwidth.map { ["\(ByteSize.text($0))/s"] } ?? [])
            + (window.map { ["window \(ByteSize.text($0))"] } ?? []))
            .joined(separator: "; ")
    }

    /// What keeps bytes back now or later, a clause each.
    func obstacles(at now: LabInstant) -> [String] {
        (isCut ? ["cut"] : [])
            + (cutAfter.map { ["to be cut behind the next \(CountText.of($0, "byte"))"] } ?? [])
            + (outage.map { [$0.text(at: now)] } ?? [])
            + (isStalled ? ["stalled: the far end takes nothing"] : [])
    }

    /// One word for it: `whole` where all comes through.
    func state(at now: LabInstant) -> String {
        if isCut { return "cut" }
        if isDown(at: now) { return "out" }
        return isStalled ? "stalled" : "whole"
    }

    /// Its members, by the names under which a command sets them.
    func json(at now: LabInstant) -> [(String, JSONValue)] {
        [
            ("state", .string(state(at: now))), ("delay_ms", delay.jsonMilliseconds),
            ("jitter_ms", jitter.jsonMilliseconds),
            ("bandwidth", bandwidth.map { .int($0) } ?? .null),
            ("window", window.map { .int($0) } ?? .null),
            ("cut_after", cutAfter.map { .int($0) } ?? .null),
            (
                "out_until",
                outage.flatMap { $0.isDown(at: now) ? $0.end(from: now).json : nil } ?? .null
            ),
            ("out_every_ms", outage?.every?.jsonMilliseconds ?? .null),
        ]
    }
}

extension WireFaults.Outage {
    /// `out until 03:00:02.000, and again every 10s for 2s`.
    func text(at now: LabInstant) -> String {
        let again = every.map { "every \($0.text) for \(lasting.text)" }
        guard isDown(at: now) else { return "out \(again ?? "for \(lasting.text)")" }
        return "out until \(end(from: now).text)" + (again.map { ", and again \($0)" } ?? "")
    }
}

extension LabSnapshot.Link {
    /// There and back.
    var roundTrip: Duration { wal.faults.delay + feedback.faults.delay }

    /// One word for both ways, the worse one's.
    var state: String {
        let states = [wal, feedback].map { $0.faults.state(at: instant) }
        return ["cut", "out", "stalled"].first { states.contains($0) } ?? "whole"
    }

    /// Nothing is wrong with it, and nothing is on it.
    var isIdle: Bool { [wal, feedback].allSatisfy { $0.faults == .none && $0.load == .init() } }
}

extension LabSnapshot.Link.Way {
    /// `1540 bytes under way, none waiting, none unsent`.
    var loadText: String {
        let unread = load.unread > 0 ? ", \(load.unread) unread at the far end" : ""
        return "\(CountText.bytes(load.inFlight)) under way, \(load.waiting) waiting, "
            + "\(load.unsent) unsent\(unread)"
    }

    func json(at now: LabInstant) -> JSONValue {
        .members(
            faults.json(at: now) + [
                ("in_flight_bytes", .int(load.inFlight)), ("waiting_bytes", .int(load.waiting)),
                ("unsent_bytes", .int(load.unsent)), ("unread_bytes", .int(load.unread)),
            ])
    }
}
