internal import Cluster
internal import CommandLanguage
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
        let user = standing.followersShown.first {
            $0.slot == name && $0.role == .standby(upstream: node)
        }
        return Failure(
            "slot \(name) of \(node) is in use\(user.map { " by \($0.name)" } ?? "") "
                + "(server error \(error.code.code))",
            advice: user.map { "slot use none \($0.name)" } ?? "end the program that uses it")
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
