internal import Cluster
internal import CommandLanguage

/// The reads that go with a load: how many, by how many users, and by which policies each is asked
/// for.
struct LoadMix: Hashable {
    let reads: Int
    let users: Int
    let policies: [ReadPolicy]
}

// As a command's words have it.
extension LoadMix {
    static let parameters = [
        CommandParameter("READS", .number, .assigned("reads", example: "60")),
        CommandParameter("WRITES", .number, .assigned("writes", example: "12")),
        CommandParameter("USERS", .number, .assigned("users", example: "10")),
        ReadPolicy.parameter,
    ]

    private static let limits = 0...1_000_000
    private static let userLimits = 1...1_000_000
    private static let defaultUsers = 10
    private static let example = "load reads=60 writes=12 every 100ms via=any,token"

    /// Those of a load of so many writes; nil: it has no reads, and nothing that is about them.
    init?(_ arguments: BoundArguments, writes: Int) throws(Fault) {
        let reads = try arguments.optionalCount("READS", Self.limits)
        let users = try arguments.optionalCount("USERS", Self.userLimits)
        let policies = try ReadPolicy.all(arguments)
        let aboutReads = arguments[ReadPolicy.parameter.name] ?? arguments["USERS"]
        if let aboutReads, reads ?? 0 == 0 {
            throw Fault(
                .unfit("via= and users= are about reads, and there are none", advice: Self.example),
                at: aboutReads)
        }
        guard let reads else { return nil }
        if reads == 0, writes == 0, let word = arguments["READS"] {
            throw Fault(
                .unfit("no reads and no writes: that is no load", advice: Self.example), at: word)
        }
        self.reads = reads
        self.users = users ?? Self.defaultUsers
        self.policies = policies.isEmpty ? [.any] : policies
    }

    /// How many writes were asked for: N, or writes=; 0 where there is a number of reads.
    static func writes(
        _ arguments: BoundArguments, _ limits: ClosedRange<Int>
    ) throws(Fault) -> Int {
        guard let word = arguments["WRITES"] else {
            return arguments["READS"] != nil && arguments["N"] == nil
                ? 0 : try arguments.count("N", limits)
        }
        guard arguments["N"] == nil else {
            throw Fault(
                .unfit("writes= says again how many writes there are", advice: example), at: word)
        }
        return try arguments.count("WRITES", Self.limits)
    }
}
