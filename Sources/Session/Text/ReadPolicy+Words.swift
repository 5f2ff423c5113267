internal import Cluster
internal import CommandLanguage
internal import LabClock

// A policy as commands write it: `any`, `primary`, `sticky:2s`, `token`, `token:500ms`, `r1`.
extension ReadPolicy {
    /// The parameter that takes one, or several with commas.
    static let parameter = CommandParameter("POLICY", .free, .assigned("via", example: "sticky:2s"))

    private enum Name: String, CaseIterable {
        case any, primary, sticky, token
    }

    /// What `via=` takes, for advice.
    private static let choices = "any, primary, sticky:2s, token, token:500ms, or a node's name"
    /// So many may be compared in one run.
    private static let longestList = 6

    var text: String {
        switch self {
        case .any: Name.any.rawValue
        case .primary: Name.primary.rawValue
        case .sticky(let length): "\(Name.sticky.rawValue):\(Self.text(length))"
        case .token(.zero): Name.token.rawValue
        case .token(let wait): "\(Name.token.rawValue):\(Self.text(wait))"
        case .node(let name): name
        }
    }

    /// A length in the largest unit that it is whole in, as it can be typed.
    private static func text(_ length: Duration) -> String {
        let nanoseconds = length.wholeNanoseconds
        let units: [(String, Int64)] = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)]
        for (unit, size) in units where nanoseconds.isMultiple(of: size) {
            return "\(nanoseconds / size)\(unit)"
        }
        return "\(nanoseconds)ns"
    }

    /// The policies of `via=`, with commas between them; none when it was not given.
    static func all(_ arguments: BoundArguments) throws(Fault) -> [ReadPolicy] {
        guard try arguments.assigned(parameter.name) != nil, let word = arguments[parameter.name]
        else { return [] }
        var policies: [ReadPolicy] = []
        for text in word.text.split(separator: ",", omittingEmptySubsequences: false) {
            let policy = try ReadPolicy(String(text), word, arguments)
            guard !policies.contains(policy) else {
                throw Fault(
                    .unfit(
                        "\(policy.text) is in the list twice", advice: "via=any,sticky:2s,token"),
                    at: word)
            }
            policies.append(policy)
        }
        guard policies.count <= longestList else {
            throw Fault(
                .unfit(
                    "\(policies.count) policies are too many to compare",
                    advice: "\(longestList) at most, such as via=any,sticky:2s,token"), at: word)
        }
        return policies
    }

    private init(
        _ text: String, _ word: Word, _ arguments: BoundArguments
    ) throws(Fault) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Name(rawValue: String(parts[0])) else {
            guard arguments.isNode(text) else {
                throw Fault(
                    .unfit(
                        "\(Words.quoted(text)) is no policy for reads, and no node",
                        advice: Self.choices), at: word)
            }
            self = .node(text)
            return
        }
        let length = try parts.count > 1 ? Self.length(String(parts[1]), word) : nil
        switch name {
        case .any: self = try Self.alone(.any, length, word)
        case .primary: self = try Self.alone(.primary, length, word)
        case .sticky: self = .sticky(try Self.stickiness(length, word))
        case .token: self = .token(wait: try Self.wait(length, word))
        }
    }

    private static func length(_ text: String, _ word: Word) throws(Fault) -> Duration {
        do throws(DurationError) { return try LabDuration(parsing: text).duration } catch {
            throw Fault(.badDuration(error), at: word)
        }
    }

    private static func alone(
        _ policy: ReadPolicy, _ length: Duration?, _ word: Word
    ) throws(Fault) -> ReadPolicy {
        guard length == nil else {
            throw Fault(
                .unfit(
                    "\(policy.text) takes no length of time",
                    advice: "via=\(policy.text)"), at: word)
        }
        return policy
    }

    private static func stickiness(
        _ length: Duration?, _ word: Word
    ) throws(Fault) -> Duration {
        guard let length else {
            throw Fault(
                .unfit(
                    "sticky needs to know for how long after a write",
                    advice: "via=sticky:2s"), at: word)
        }
        guard length > .zero else {
            throw Fault(
                .unfit(
                    "sticky:0 keeps no read at the primary: that is any",
                    advice: "via=any, or via=sticky:2s"), at: word)
        }
        return length
    }

    private static func wait(_ length: Duration?, _ word: Word) throws(Fault) -> Duration {
        guard let length else { return .zero }
        guard length > .zero else {
            throw Fault(
                .unfit(
                    "token:0 waits for no replica: that is token",
                    advice: "via=token, or via=token:500ms"),
                at: word)
        }
        guard length <= longestWait else {
            throw Fault(
                .unfit(
                    "a read waits for \(longestWait.text) at most",
                    advice: "via=token:\(Self.text(longestWait))"), at: word)
        }
        return length
    }
}
