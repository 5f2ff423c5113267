internal import Cluster
internal import CommandLanguage
internal import LabClock
internal import Network

/// One fault of a link that a command sets or, without a value, takes off.
enum LinkChange: Hashable {
    case roundTrip(Duration?)
    case delay(Duration?)
    case jitter(Duration?)
    case bandwidth(Int?)
    case window(Int?)
    case stall

    /// Sets it on one way.
    func apply(to wire: inout WireFaults, _ way: WireWay) {
        switch self {
        case .roundTrip(let length): wire.delay = Self.share(of: length ?? .zero, way)
        case .delay(let length): wire.delay = length ?? .zero
        case .jitter(let length): wire.jitter = length ?? .zero
        case .bandwidth(let rate): wire.bandwidth = rate
        case .window(let size): wire.window = size
        case .stall: wire.isStalled = true
        }
    }

    /// Half of it, so that both halves add up to the nanosecond.
    private static func share(of roundTrip: Duration, _ way: WireWay) -> Duration {
        let whole = roundTrip.wholeNanoseconds
        return .nanoseconds(way == .wal ? whole - whole / 2 : whole / 2)
    }
}

// As a command's words have them.
extension LinkChange {
    static let parameters = [
        CommandParameter("RTT", .duration, .assigned("rtt", example: "130ms")),
        CommandParameter("DELAY", .duration, .assigned("delay", example: "65ms")),
        CommandParameter("JITTER", .duration, .assigned("jitter", example: "5ms")),
        CommandParameter("BANDWIDTH", .free, .assigned("bandwidth", example: "10MB/s")),
        CommandParameter("WINDOW", .free, .assigned("window", example: "6MB")),
    ]

    /// What takes a fault off.
    private static let none = "none"
    /// As fast as can be asked for, in bytes a second.
    private static let fastest = 1 << 40

    /// Those that were given, in the order of the usage.
    static func all(_ arguments: BoundArguments) throws(Fault) -> [LinkChange] {
        var changes: [LinkChange] = []
        let replica = arguments["REPLICA"]?.text ?? "r1"
        if let word = arguments["RTT"] {
            for other in ["DELAY", "WAY"] where arguments[other] != nil {
                throw Fault(
                    .unfit(
                        "rtt is of both ways, half of it each",
                        advice: "delay= for one way, or rtt= alone"), at: word)
            }
            changes.append(.roundTrip(try length("RTT", arguments)))
        }
        if arguments["DELAY"] != nil { changes.append(.delay(try length("DELAY", arguments))) }
        if arguments["JITTER"] != nil { changes.append(.jitter(try length("JITTER", arguments))) }
        if let word = arguments["BANDWIDTH"] {
            changes.append(.bandwidth(try bandwidth(word, of: replica)))
        }
        if let word = arguments["WINDOW"] { changes.append(.window(try window(word, of: replica))) }
        return changes
    }

    private static func length(
        _ name: String, _ arguments: BoundArguments
    ) throws(Fault) -> Duration? {
        if arguments[name]?.text == none { return nil }
        let length = try arguments.duration(name)
        return length == .zero ? nil : length.duration
    }

    private static func bandwidth(_ word: Word, of replica: String) throws(Fault) -> Int? {
        if word.text == none { return nil }
        let suffix = "/s"
        guard word.text.hasSuffix(suffix) || (try? ByteSize.parse(word.text)) == 0 else {
            let rate = (try? ByteSize.parse(word.text)).map { "\(ByteSize.text($0))/s" }
            throw Fault(
                .unfit(
                    "\(Words.quoted(word.text)) is not a number of bytes a second",
                    advice: "bandwidth=\(rate ?? "10MB/s")"), at: word)
        }
        let digits = word.text.hasSuffix(suffix) ? word.text.dropLast(suffix.count) : word.text[...]
        let rate = try size(word, digits, "bandwidth", suffix)
        guard rate > 0 else {
            throw Fault(
                .unfit(
                    "a line of 0 bytes a second is a partition",
                    advice: "partition \(replica), or bandwidth=1kB/s"), at: word)
        }
        guard rate <= fastest else {
            throw Fault(
                .unfit(
                    "\(Words.quoted(word.text)) is faster than any line",
                    advice: "bandwidth=none, for a line that takes everything at once"), at: word)
        }
        return rate
    }

    private static func window(_ word: Word, of replica: String) throws(Fault) -> Int? {
        if word.text == none { return nil }
        let size = try size(word, word.text[...], "window", "")
        guard size > 0 else {
            throw Fault(
                .unfit(
                    "with a window of 0 bytes nothing is ever sent: that is a stall",
                    advice: "link \(replica) stall, or window=64kB"), at: word)
        }
        guard size >= Network.Link.leastWindow else {
            let least = Network.Link.leastWindow
            throw Fault(
                .unfit(
                    "a window holds one TCP segment at least, \(least) bytes",
                    advice: "window=\(least)"), at: word)
        }
        guard size <= Network.Link.capacity else {
            let most = ByteSize.text(Network.Link.capacity)
            throw Fault(
                .unfit("a link holds \(most) at most", advice: "window=\(most), or window=none"),
                at: word)
        }
        return size
    }

    private static func size(
        _ word: Word, _ text: Substring, _ name: String, _ suffix: String
    ) throws(Fault) -> Int {
        do throws(ByteSize.Problem) {
            return try ByteSize.parse(text)
        } catch {
            let quoted = Words.quoted(word.text)
            let units = "kB, MB or GB, such as \(name)=6MB\(suffix)"
            let (message, advice) =
                switch error {
                case .notANumber: ("\(quoted) is not a whole number of bytes", units)
                case .negative: ("\(name) cannot be negative", "\(name)=none, to take it off")
                case .unknownUnit(let unit, let meant):
                    (
                        "\(Words.quoted(unit)) is not a unit of bytes",
                        "\(name)=\(meant)\(suffix); the units are B, kB, MB and GB"
                    )
                case .tooLarge: ("\(quoted) is too many bytes", units)
                }
            throw Fault(.unfit(message, advice: advice), at: word)
        }
    }
}
