internal import Cluster
internal import CommandLanguage
internal import Replication
internal import WALFormat
internal import WireProtocol

/// Why a server's log could not be read, or not to the end, and what to do about it.
struct TailText {
    /// PostgreSQL's own.
    static let defaultUser = "postgres"

    private let request: LogTail.Request
    private let address: String

    init(_ request: LogTail.Request) {
        self.request = request
        address = Self.address(request)
    }

    /// `127.0.0.1:5432`
    static func address(_ request: LogTail.Request) -> String {
        let host = request.host.contains(":") ? "[\(request.host)]" : request.host
        return "\(host.escapedForDisplay):\(request.port)"
    }

    /// The command, but for where to begin and how much.
    static func again(_ request: LogTail.Request, user: String? = nil) -> String {
        var words = ["tail", "host=\(request.host)", "port=\(request.port)"]
        let user = user ?? request.user
        if user != defaultUser { words.append("user=\(user)") }
        if let slot = request.slot { words.append("slot=\(slot)") }
        return words.joined(separator: " ").escapedForDisplay
    }

    private var again: String { Self.again(request) }

    /// One line for what is wrong, one for what to type or to do.
    func failure(_ failure: LogTail.Failure) -> Failure {
        switch failure {
        case .unreachable(let reason): unreachable(reason)
        case .unfit(let reason): unfit(reason)
        case .refused(let error): refused(error)
        case .notFollowed:
            Failure(
                "\(address) is not the server it was when it was first asked", advice: again)
        case .silent(let duration):
            Failure(
                "\(address) has said nothing for \(duration.text)",
                advice: "\(again), if that is a PostgreSQL server at all")
        case .readsNothing(let duration):
            Failure(
                "\(address) has read none of the replies it asked for, for \(duration.text)",
                advice: "\(again), if that is a PostgreSQL server at all")
        case .stopped(let lsn):
            Failure(
                "\(address) has shut down; all of its log was sent, up to \(lsn)",
                advice: "\(again) from=\(lsn), when it is up again")
        case .connectionLost(let lsn):
            Failure(
                "\(address) closed the connection; its log has arrived up to \(lsn)",
                advice: "\(again) from=\(lsn)")
        case .protocolViolation(let what):
            Failure(
                "\(address) said what no server may say: \(what.escapedForDisplay)",
                advice: again)
        case .unreadable(let lsn, let reason): unreadable(lsn, reason)
        case .corrupt(let lsn):
            Failure(
                "the record at \(lsn) has a wrong checksum",
                advice: "pg_waldump --start \(lsn) on the server, to see if it is bad there too")
        }
    }

    private func unreachable(_ reason: LogTail.Unreachable) -> Failure {
        switch reason {
        case .unknownHost:
            Failure(
                "no address is known for the host \(Words.quoted(request.host))",
                advice: "host=127.0.0.1, or the server's own name or address")
        case .refused:
            Failure(
                "nobody listens on \(address)",
                advice: "port= as the server's 'SHOW port' has it; connect lists the lab's nodes")
        case .timedOut(let duration):
            Failure(
                "\(address) has not answered for \(duration.text)",
                advice: "another host or port, or ask who keeps the firewall")
        case .failed(let reason):
            Failure("\(address) cannot be reached: \(reason)", advice: "another host or port")
        }
    }

    private func unfit(_ reason: UpstreamSurvey.Failure) -> Failure {
        switch reason {
        case .refused(let error): refused(error)
        case .wantsProof(let challenge):
            Failure(
                "\(address) asks \(request.user.escapedForDisplay) for \(challenge.text); tail "
                    + "has none to give",
                advice: "in its pg_hba.conf, before others: host replication "
                    + "\(Words.quoted(request.user)) 127.0.0.1/32 trust")
        case .notPostgreSQL:
            Failure(
                "what listens on \(address) is not PostgreSQL",
                advice: "the port of a PostgreSQL server; connect lists the lab's nodes")
        case .closed:
            Failure(
                "\(address) closed the connection before it let us in",
                advice: "\(again), or look into the server's log")
        case .noSuchSlot(let name):
            Failure(
                "\(address) has no slot \(Words.quoted(name))",
                advice: "there: SELECT pg_create_physical_replication_slot("
                    + "'\(name.escapedForDisplay)', true)")
        case .startAhead(let lsn, let flush):
            Failure(
                "\(lsn) is ahead of the log of \(address), which ends at \(flush)",
                advice: "\(again) from=\(flush)")
        case .protocolViolation(let what):
            failure(.protocolViolation(what))
        }
    }

    /// The server's own words, and what they mean here.
    private func refused(_ error: ServerError) -> Failure {
        let said = "\(address) refuses: \(error.message.escapedForDisplay)"
        return Failure(said, advice: advice(on: error))
    }

    private func advice(on error: ServerError) -> String {
        let user = Words.quoted(request.user)
        switch error.code {
        case .invalidAuthorizationSpecification where error.message.contains("pg_hba.conf"):
            return "in its pg_hba.conf: host replication \(user) 127.0.0.1/32 trust"
        case .invalidAuthorizationSpecification:
            return "user=NAME, of a role with LOGIN and REPLICATION"
        case SQLState("42501"):
            return "there: ALTER ROLE \(user) REPLICATION"
        case .tooManyConnections where error.message.contains("max_wal_senders"):
            return "there: wal_level = replica and a larger max_wal_senders, then a restart"
        case .undefinedFile:
            return "\(again), to begin at the log's end; a slot would have kept the segment"
        case .objectInUse: return "another slot, or end its user first"
        case .cannotConnectNow: return "\(again), a little later"
        default: return error.hint.map(\.escapedForDisplay) ?? "\(again), when that is mended"
        }
    }

    private func unreadable(_ lsn: LSN, _ reason: EndReason) -> Failure {
        if case .page(_, .magic(let magic)) = reason {
            let number = String(magic, radix: 16, uppercase: true)
            let whose = Self.versions[magic].map { "PostgreSQL \($0)'s" } ?? "of a version unknown"
            return Failure(
                "the log of \(address) is \(whose) (page magic \(number)); the lab reads "
                    + "PostgreSQL 15's",
                advice: "a PostgreSQL 15 server, or a node of this lab: connect lists them")
        }
        if case .lengthOutOfRange(let length) = reason, length > 0 {
            return Failure(
                "the record at \(lsn) has \(length) bytes; the lab reads records of up to "
                    + CountText.bytes(WALRecord.maximumByteCount),
                advice: again + ", to begin at the log's end")
        }
        return Failure(
            "what follows \(lsn) is no log: \("\(reason)".escapedForDisplay)",
            advice: "pg_waldump --start \(lsn) on the server, to see if it is so there too")
    }

    /// PostgreSQL: `XLOG_PAGE_MAGIC` of each major version.
    private static let versions: [UInt16: Int] = [
        0xD101: 12, 0xD106: 13, 0xD10D: 14, 0xD110: 15, 0xD113: 16, 0xD116: 17, 0xD118: 18,
    ]
}

extension AuthenticationChallenge {
    /// What is asked for.
    fileprivate var text: String {
        switch self {
        case .cleartextPassword: "a password (as plain text)"
        case .sasl(let mechanisms):
            "a password (\(mechanisms.joined(separator: " or ").escapedForDisplay))"
        case .saslContinue, .saslFinal: "a password"
        case .unsupported(5, _): "a password (MD5)"
        case .unsupported(7, _), .unsupported(9, _): "a Kerberos ticket"
        case .unsupported(let kind, _): "a proof of kind \(kind)"
        }
    }
}
