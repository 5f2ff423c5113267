internal import CommandLanguage
internal import LabClock
internal import Session

/// How one verb's command is drawn, and how often.
struct DrawRule: Sendable {
    /// What a session must have for it.
    enum Need: Sendable {
        case nothing, diskFaults, damage
    }

    let verb: String
    let weight: Int
    let needs: Need
    let draw: @Sendable (inout SessionDraw) -> String

    init(
        _ verb: String, _ weight: Int, needs: Need = .nothing,
        _ draw: @escaping @Sendable (inout SessionDraw) -> String
    ) {
        self.verb = verb
        self.weight = weight
        self.needs = needs
        self.draw = draw
    }

    /// Every verb of the prompt but those left out: known ones by a rule, others by their example.
    static let all = known + unknown

    private static let known = data + wires + faults + nodes + disks + failover + looks

    /// `quit` ends the session.
    private static let leftOut = ["quit"]

    private static let unknown = Session.commandSpecs
        .filter { spec in
            !leftOut.contains(spec.name) && !known.contains { $0.verb == spec.name }
        }
        .map { spec in DrawRule(spec.name, 2) { _ in spec.example } }
}

extension DrawRule {
    private static let data = [
        DrawRule("set", 14) {
            "set \($0.optional($0.writableNode()))\($0.key()) \($0.value())"
        },
        DrawRule("get", 6) { $0.get() },
        DrawRule("delete", 4) { "delete \($0.optional($0.writableNode()))\($0.deletedRows())" },
        DrawRule("read", 7) { $0.read() },
        DrawRule("load", 8) { $0.load() },
        DrawRule("clients", 4) { $0.clients() },
        DrawRule("begin", 3) {
            "begin\($0.behind($0.writableNode(), oneIn: 5))"
                + $0.behind("isolation=repeatable-read", oneIn: 4)
        },
        DrawRule("commit", 3) { _ in "commit" },
        DrawRule("rollback", 2) { _ in "rollback" },
    ]

    /// Every fault of a link, every pace of a node, and whether it runs.
    private static let faults = [
        DrawRule("link", 5) { $0.link() },
        DrawRule("topology", 1) { "topology\($0.behind("three-region", oneIn: 2))" },
        DrawRule("slow", 4) { $0.slow() },
        DrawRule("freeze", 3) { "freeze \($0.node())" },
        DrawRule("thaw", 5) { "thaw \($0.node())" },
    ]

    private static let wires = [
        DrawRule("lag", 6) { $0.draws.isOne(in: 6) ? "lag" : "lag \($0.replica()) \($0.delay())" },
        DrawRule("partition", 7) { "partition \($0.linkEnd())\($0.laterCut())" },
        DrawRule("heal", 4) { "heal\($0.behind($0.linkEnd(), oneIn: 2))" },
        DrawRule("reconnect", 5) { "reconnect \($0.replica())" },
        DrawRule("wait", 10) { "wait \($0.waitingTime())" },
    ]

    private static let nodes = [
        DrawRule("crash", 6) { $0.crash() },
        DrawRule("stop", 3) { $0.stop() },
        DrawRule("restart", 5) { $0.restart() },
        DrawRule("follow", 4) {
            "follow \($0.draws.isOne(in: 4) ? $0.node() : $0.replica()) \($0.node())"
        },
        DrawRule("slots", 1) { _ in "slots" },
        DrawRule("slot", 5) { $0.slot() },
        DrawRule("basebackup", 3) { $0.baseBackup() },
    ]

    private static let disks = [
        DrawRule("checkpoint", 4) { "checkpoint\($0.behind($0.node(), oneIn: 3))" },
        DrawRule("vacuum", 2) { "vacuum\($0.behind($0.node(), oneIn: 4))" },
        DrawRule("disk", 8, needs: .diskFaults) { "disk \($0.node()) \($0.diskCondition())" },
        DrawRule("damage", 2, needs: .damage) { "damage \($0.downNode()) \($0.damage())" },
    ]

    private static let failover = [
        DrawRule("step", 6) { $0.step() },
        DrawRule("monitor", 4) { $0.monitor() },
        DrawRule("fence", 4) { $0.fence() },
        DrawRule("unfence", 3) { "unfence \($0.node())" },
        DrawRule("promote", 5) { $0.promote() },
        DrawRule("route", 3) { $0.route() },
        DrawRule("failover", 3) { $0.failover() },
        DrawRule("lost", 3) { "lost\($0.behind("--matrix", oneIn: 3))" },
        DrawRule("salvage", 3) { $0.salvage() },
        DrawRule("rewind", 5) { $0.rewind() },
    ]

    private static let looks = [
        // The model reads the risk off its JSON.
        DrawRule("status", 4) { $0.isPlain ? "status --json" : "status" },
        DrawRule("wal", 1) { $0.wal() },
        DrawRule("page", 1) { "page \($0.optional($0.node()))\($0.draws.number(below: 3))" },
        DrawRule("diff", 2) {
            "diff \($0.node()) \($0.node())\($0.isPlain ? "" : $0.behind("--keys", oneIn: 3))"
        },
        DrawRule("config", 3) { $0.config() },
        DrawRule("connect", 1) { _ in "connect" },
        DrawRule("watch", 2) { $0.watch() },
        // Nobody listens on port 1.
        DrawRule("tail", 1) { _ in "tail port=1 count=1" },
        DrawRule("help", 1) { _ in "help promote" },
    ]
}
