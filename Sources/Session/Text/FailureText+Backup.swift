internal import Cluster
internal import CommandLanguage
internal import Replication
internal import Storage

// What a base backup has against a command, or it against a base backup.
extension FailureText {
    func isSeeding(_ name: String, _ source: String) -> Failure {
        Failure(
            "\(name) is receiving a base backup from \(source)",
            advice: "wait 1s, or crash \(name) to give it up")
    }

    func isOwnSource(_ name: String) -> Failure {
        Failure("\(name) cannot be filled from itself", advice: seedFrom(besides: name, name))
    }

    func followsItself(_ replica: String, _ source: String) -> Failure {
        Failure(
            "\(source) follows \(replica): they would follow each other",
            advice: "basebackup \(replica)")
    }

    /// The primary's own disk is nobody's copy.
    func mayNotBeWiped(_ name: String) -> Failure {
        guard !standing.primaryIsUp else {
            return Failure(
                "\(name) is the primary; a base backup would take the data of all away",
                advice: standing.replicas.first.map { "basebackup \($0.name)" } ?? "status")
        }
        let heir = heir(besides: name)
        return Failure(
            "\(name) is the primary, and nobody has taken over from it yet",
            advice: heir.map { "promote \($0); basebackup \(name)" } ?? "restart \(name)")
    }

    /// A running node to take the backup from instead.
    func seedFrom(besides name: String, _ replica: String) -> String {
        let primary = standing.snapshot.primary
        if standing.primaryIsUp, primary != name, primary != replica {
            return "basebackup \(replica)"
        }
        let other = standing.snapshot.nodes.first {
            $0.isRunning && $0.name != name && $0.name != replica
        }
        return other.map { "basebackup \(replica) from \($0.name)" } ?? "status"
    }

    func backupFailed(
        _ replica: String, _ source: String, _ reason: BackupReceiver.Failure, _ isTouched: Bool
    ) -> Failure {
        let isRunning = standing.snapshot[replica]?.isRunning ?? false
        let left =
            isTouched
            ? "\(replica) is left empty"
            : isRunning
                ? "\(replica) goes on with the files it had"
                : "\(replica) is stopped, its files as they were"
        let isCut = standing.snapshot[replica]?.link?.isCut ?? false
        let again =
            standing.snapshot[source]?.isRunning ?? false
            ? "basebackup \(replica) from \(source)" : seedFrom(besides: source, replica)
        return Failure(
            "\(replica) \(BackupText.reason(reason, source: source)); \(left)",
            advice: isCut ? "heal \(replica); \(again)" : again)
    }

    /// A directory that is no complete base backup.
    func notSeeded(_ node: String, _ reason: OpenFailure) -> Failure {
        Failure(
            "\(node) cannot be opened: \(reason.description.escapedForDisplay)",
            advice: seedFrom(besides: node, node))
    }
}
