internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import LabClock

extension ClientEvent {
    /// As an event, behind the clients' name.
    var text: String {
        switch self {
        case .allBack(let count, let node, let after):
            "\(count == 1 ? "it is" : "all \(count) are") told OK by \(node), \(after.text) after "
                + "the failover began"
        }
    }
}

extension ClientRoute.Kind {
    /// As it is typed.
    var text: String {
        switch self {
        case .dns(let ttl): "dns ttl=\(ttl.text)"
        case .vip: "vip"
        case .pooler: "pooler"
        }
    }

    /// Its first word.
    var word: String {
        switch self {
        case .dns: "dns"
        case .vip: "vip"
        case .pooler: "pooler"
        }
    }

    /// What it is, of a route that leads to a node.
    func sentence(to node: String) -> String {
        switch self {
        case .dns(let ttl):
            "clients find the primary by a name, which is \(node); "
                + "an answer is kept for \(ttl.text)"
        case .vip: "clients find the primary by an address, which \(node) has"
        case .pooler: "clients are connected to a pooler, whose server is \(node)"
        }
    }
}

extension ClientTally.Reason {
    /// `was refused by p`, of many writes.
    var text: String {
        let what =
            switch trouble {
            case .refused: "refused by \(node)"
            case .connectTimedOut:
                "no connection to \(node) in \(RoutedClient.connectTimeout.text)"
            case .lost: "connection to \(node) lost"
            case .answerTimedOut: "no answer of \(node) in \(RoutedClient.answerTimeout.text)"
            case .reset: "reset by \(node), which did not know the connection"
            case .noServer: "no server behind the pooler"
            case .server(let code): "\(node) answered SQLSTATE \(code)"
            }
        return what + (isUnknown ? " (unknown)" : "")
    }
}

extension FailureText {
    /// What an application's clients could not do.
    func clients(_ failure: ClientFailure) -> Failure {
        switch failure {
        case .areOn(let count):
            Failure(
                "\(CountText.of(count, "client")) "
                    + "\(Words.verb(count, "is", "are")) there already",
                advice: "clients off, then clients with other terms")
        case .areOff:
            Failure("there are no clients", advice: "clients 20 every 500ms")
        case .tooMany(_, let room):
            Failure(
                "this process may have \(CountText.of(room, "client")) and no more: "
                    + "its limit of open files is low",
                advice: room > 0 ? "clients \(room) every 500ms" : "raise it with ulimit -n")
        }
    }
}
