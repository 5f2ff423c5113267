internal import Cluster
internal import CommandLanguage
internal import LabClock
internal import WALFormat
internal import WireProtocol

/// A PostgreSQL member in sentences: what it owes, and why it could not be had.
enum PostgresText {
    /// What is to be told of it, behind its name.
    static func event(
        _ event: PostgresEvent, by standby: String, of upstream: String
    ) -> String {
        switch event {
        case .unconfirmed(let lsn, let bound):
            "has not confirmed the WAL up to \(lsn) within \(bound.text) of real time; "
                + "the lab goes on without waiting for it"
        case .notStreaming(let refusal, let bound, let lastOutput):
            "does not stream, after \(bound.text) of real time" + reason(refusal, lastOutput)
                + (refusal?.remedy(for: standby, of: upstream).map { "; \($0)" } ?? "")
        case .ended(let lastOutput): "its PostgreSQL has ended" + reason(nil, lastOutput)
        }
    }

    /// What its upstream has against it, or what its own log said last.
    static func reason(_ refusal: ServerError?, _ lastOutput: String) -> String {
        if let refusal {
            return ": \(refusal.message.escapedForDisplay) (\(refusal.code.code))"
        }
        return lastOutput.isEmpty ? "" : ": \(lastOutput.escapedForDisplay)"
    }
}

extension FailureText {
    /// A command for the lab's own nodes was given the PostgreSQL member.
    private func isPostgres(_ name: String) -> Failure {
        Failure(
            "\(name) is a PostgreSQL of its own, which '\(verb)' does not reach",
            advice: "connect, and use psql there; or detach \(name)")
    }

    /// Why there is no PostgreSQL member, or no other one.
    func aboutAttaching(_ failure: LabFailure) -> Failure {
        switch failure {
        case .notFromPostgres:
            return Failure(
                "this lab did not begin as a PostgreSQL's cluster, so none can follow it",
                advice: "shiplog --postgres, which starts one that did")
        case .isAttached(let name):
            return Failure("\(name) is attached already", advice: "status, or detach \(name)")
        case .isDetached(let name):
            return Failure("no PostgreSQL is attached", advice: "attach standby \(name)")
        case .isPostgres(let name): return isPostgres(name)
        case .postgresDoesNotFollow(let name, let upstream, let refusal, let lastOutput):
            return Failure(
                "\(name) was started and cannot follow \(upstream)"
                    + PostgresText.reason(refusal, lastOutput),
                advice: "status, then attach standby \(name)")
        default: return StartFailure.failure(failure)
        }
    }
}
