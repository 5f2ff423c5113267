internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import Network

/// The rows of `link`: one a link, what is wrong with it and what is on it.
struct LinkTable {
    private static let columns: [TextTable.Column] = [
        .text("replica"), .number("rtt"), .number("jitter"), .number("rate"), .number("window"),
        .number("on wire"), .number("waiting"), .number("unsent"), .text("state"),
    ]
    private let standing: Standing
    private let links: [(node: LabSnapshot.Node, link: LabSnapshot.Link)]

    init(_ standing: Standing) {
        self.standing = standing
        links = standing.followers.compactMap { node in node.link.map { (node, $0) } }
    }

    /// The table, what its columns mean, and what does not fit into them.
    var lines: [String] {
        guard !links.isEmpty else { return ["there is no link"] }
        let (shown, folded) = FoldedNames.split(
            links, foldable: { $0.link.isIdle ? $0.node.name : nil })
        var table = TextTable(Self.columns)
        for (node, link) in shown { table.append(row(node, link)) }
        let legend = [
            "rtt: there and back; rate to unsent: of the WAL's way, in bytes where no unit",
            "waiting: held by the link; unsent: in the sender's own socket",
        ]
        return (shown.isEmpty ? [] : table.lines + legend + shown.flatMap(remarks))
            + (folded.isEmpty ? [] : ["links of \(Words.list(folded)): whole, nothing on them"])
    }

    /// The members of `links`.
    var json: [JSONValue] { links.map { json($0.node, $0.link) } }

    /// The same of one link, in words.
    func lines(of replica: String) -> [String] {
        guard let link = links.first(where: { $0.node.name == replica })?.link else { return [] }
        return WireWay.allCases.flatMap { way in
            let obstacles = link[way].faults.obstacles(at: link.instant)
            return [
                ([sentence(way, of: replica, link[way].faults)] + obstacles)
                    .joined(separator: "; "),
                "  \(link[way].loadText)",
            ]
        } + (link.ceiling.map { [$0] } ?? [])
    }

    func json(of replica: String) -> [JSONValue] {
        links.filter { $0.node.name == replica }.map { json($0.node, $0.link) }
    }

    /// `WAL from p to r1 travels 65ms`.
    func sentence(_ way: WireWay, of replica: String, _ faults: WireFaults) -> String {
        let upstream = standing.upstream(of: replica)
        return switch way {
        case .wal: "WAL from \(upstream) to \(replica) \(faults.text)"
        case .feedback: "feedback from \(replica) to \(upstream) \(faults.text)"
        }
    }

    private func row(_ node: LabSnapshot.Node, _ link: LabSnapshot.Link) -> [String] {
        let faults = link.wal.faults
        let jitter = max(faults.jitter, link.feedback.faults.jitter)
        return [
            node.name, link.roundTrip.text, jitter > .zero ? jitter.text : "-",
            faults.bandwidth.map { "\(ByteSize.text($0))/s" } ?? "-",
            faults.window.map(ByteSize.text) ?? "-", "\(link.wal.load.inFlight)",
            "\(link.wal.load.waiting)", "\(link.wal.load.unsent)",
            frozenEnds(node).isEmpty ? link.state : "frozen",
        ]
    }

    /// Those of its two nodes that do not run.
    private func frozenEnds(_ node: LabSnapshot.Node) -> [String] {
        [node.name, standing.upstream(of: node.name)]
            .filter { standing.snapshot[$0]?.state == .frozen }
    }

    private func frozenLines(_ node: LabSnapshot.Node, _ link: LabSnapshot.Link) -> [String] {
        frozenEnds(node).map { name in
            let isReplica = name == node.name
            let load = isReplica ? link.wal.load : link.feedback.load
            let peer = isReplica ? standing.upstream(of: name) : node.name
            return "\(name) is frozen: \(CountText.bytes(load.unread)) from \(peer) unread in "
                + "its socket"
        }
    }

    /// Ways that differ, and what keeps bytes back.
    private func remarks(_ node: LabSnapshot.Node, _ link: LabSnapshot.Link) -> [String] {
        let ways = WireWay.allCases
        let differ = link.wal.faults.text != link.feedback.faults.text
        let sentences =
            differ ? ways.map { sentence($0, of: node.name, link[$0].faults) } : []
        let obstacles = ways.map { link[$0].faults.obstacles(at: link.instant) }
        guard obstacles[0] != obstacles[1] else {
            return sentences + obstacles[0].map { "the link of \(node.name): \($0)" }
                + frozenLines(node, link)
        }
        return sentences + frozenLines(node, link)
            + zip(["WAL to \(node.name)", "feedback from \(node.name)"], obstacles).flatMap {
                (way, all) in all.map { "\(way): \($0)" }
            }
    }

    private func json(_ node: LabSnapshot.Node, _ link: LabSnapshot.Link) -> JSONValue {
        [
            "replica": .string(node.name), "upstream": .string(standing.upstream(of: node.name)),
            "rtt_ms": link.roundTrip.jsonMilliseconds, "wal": link.wal.json(at: link.instant),
            "feedback": link.feedback.json(at: link.instant),
        ]
    }
}

extension LabSnapshot.Link {
    /// The most that a window lets through of the WAL, whatever the line takes.
    var ceiling: String? {
        guard let window = wal.faults.window, roundTrip > .zero else { return nil }
        let milliseconds = Double(roundTrip.wholeNanoseconds) / 1_000_000
        let rate = Int((Double(window) * 1000 / milliseconds).rounded())
        return "a window of \(ByteSize.text(window)) in \(roundTrip.text) lets "
            + "\(ByteSize.rounded(rate))/s through at most"
    }
}
