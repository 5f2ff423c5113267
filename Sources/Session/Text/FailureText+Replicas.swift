internal import Cluster
internal import CommandLanguage
internal import Replication
internal import WireProtocol

// What is wrong with who follows whom, and with slots.
extension FailureText {
    /// A chain of replicas that would have no beginning.
    func wouldFollowItself(_ replica: String, _ chain: [String]) -> Failure {
        let primary = standing.snapshot.primary
        let advice = primary == replica ? "status" : "follow \(replica) \(primary)"
        guard let first = chain.first else {
            return Failure("\(replica) cannot follow itself", advice: advice)
        }
        let back = (chain.dropFirst() + [replica]).joined(separator: ", which follows ")
        return Failure(
            "\(replica) cannot follow \(first), which follows \(back)", advice: advice)
    }

    /// Another replica, or a program, uses the slot.
    func slotInUse(_ node: String, _ name: String, _ error: ServerError) -> Failure {
        let user = standing.followers.first {
            $0.slot == name && $0.role == .standby(upstream: node)
        }
        return Failure(
            "slot \(name) of \(node) is in use\(user.map { " by \($0.name)" } ?? "") "
                + "(server error \(error.code.code))",
            advice: user.map { "slot use none \($0.name)" } ?? "end the program that uses it")
    }

    /// Nothing that was asked for can be, by what the two logs hold.
    func cannotFollow(
        _ replica: String, _ upstream: String, _ refusal: WALReceiver.Refusal
    ) -> Failure {
        if case .notAnAncestor(let own, let theirs) = refusal, theirs < own {
            return Failure(
                "\(replica) cannot follow \(upstream): it \(refusal.text)",
                advice: "basebackup \(upstream) from \(replica), should that be a replica again")
        }
        let source = upstream == standing.snapshot.primary ? "" : " from \(upstream)"
        return Failure(
            "\(replica) cannot follow \(upstream): it \(refusal.text)",
            advice: "basebackup \(replica)\(source), which takes from it what only it has")
    }

    func refused(_ replica: String, _ upstream: String, _ error: ServerError) -> Failure {
        Failure(
            "\(upstream) refused \(replica): \(error.message.escapedForDisplay) "
                + "(\(error.code.code))",
            advice: error.remedy(for: replica, of: upstream) ?? "status")
    }

    func followsAlready(_ replica: String, _ upstream: String) -> Failure {
        Failure(
            "\(replica) follows \(upstream) already",
            advice: "reconnect \(replica), if they have lost each other")
    }

    func noSuchSlot(_ name: String, _ node: String) -> Failure {
        Failure(
            "\(node) has no slot \(Words.quoted(name))",
            advice: "slot create \(Words.quoted(name)) \(node), then try again")
    }

    func upstreamIsDown(_ replica: String, _ upstream: String, _ state: String) -> Failure {
        Failure(
            "\(replica) cannot connect: \(upstream) is down (\(state))",
            advice: "restart \(upstream), or promote \(replica)")
    }

    func isConnected(_ replica: String) -> Failure {
        let isDelayed = (standing.snapshot[replica]?.link?.delay ?? .zero) > .zero
        return Failure(
            "\(replica) is connected already, and its link is not cut",
            advice: isDelayed
                ? "heal \(replica), to take the delay off its link"
                : "lag, to see how far it is behind")
    }
}
