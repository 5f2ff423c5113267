/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677): the client's messages in,
/// answers out. PostgreSQL: `scram_exchange` in auth-scram.c.
///
/// - It holds no password and computes no hash: it has a verifier, and is handed the functions.
/// - Channel binding (SCRAM-SHA-256-PLUS) is not offered, and a client that uses it is refused.
/// - Every refusal is the last word; after it, or after `accept`, it is asked nothing more.
public struct SCRAMServer: Hashable, Sendable {
    /// The one mechanism that is offered.
    public static let mechanism = "SCRAM-SHA-256"
    /// Random bytes in a nonce. PostgreSQL: `SCRAM_RAW_NONCE_LEN`.
    public static let nonceByteCount = 18

    /// What to do with the client.
    public enum Action: Hashable, Sendable {
        /// Send this, and hand in what comes back.
        case ask(AuthenticationChallenge)
        /// Send this; the client has shown that it knows the password.
        case accept(AuthenticationChallenge)
        /// Send this and close.
        case refuse(ServerError)
    }

    private enum Phase: Hashable {
        case awaitingMechanism
        /// It chose a mechanism and lets the server begin; the mechanism does not, so it is asked.
        case awaitingFirst
        case awaitingFinal(Opening)
        case over
    }

    /// What both sides have said before the proof.
    private struct Opening: Hashable {
        /// `n,,` or `y,,`
        var header: [UInt8]
        var clientFirstBare: [UInt8]
        /// The client's and the server's, one after the other.
        var nonce: [UInt8]
        var serverFirst: [UInt8]
    }

    private let verifier: SCRAMVerifier
    private let user: String
    private let nonce: [UInt8]
    private var phase = Phase.awaitingMechanism

    /// An exchange that begins.
    ///
    /// - Parameters:
    ///   - user: whose name is in the message that refuses a wrong password.
    ///   - nonce: `nonceByteCount` bytes that nobody can foretell.
    public init(verifier: SCRAMVerifier, user: String, nonce: [UInt8]) {
        self.verifier = verifier
        self.user = user
        self.nonce = Base64.encoded(nonce)
    }

    /// What to send first.
    public var invitation: AuthenticationChallenge { .sasl(mechanisms: [Self.mechanism]) }

    /// The client has sent a `p` message with these bytes.
    public mutating func received(_ bytes: [UInt8], hash: some SCRAMHash) -> Action {
        do throws(ServerError) {
            switch phase {
            case .awaitingMechanism: return try chosen(bytes)
            case .awaitingFirst: return try opened(bytes)
            case .awaitingFinal(let opening):
                phase = .over
                return try proved(bytes, opening, hash: hash)
            case .over: preconditionFailure("a SCRAM exchange that is over was handed a message")
            }
        } catch {
            phase = .over
            return .refuse(error)
        }
    }

    /// What a wrong password gets, and whoever breaks off before the proof.
    public var wrongPassword: ServerError {
        .scram("password authentication failed for user \"\(user)\"", code: .invalidPassword)
    }
}

extension SCRAMServer {
    private mutating func chosen(_ bytes: [UInt8]) throws(ServerError) -> Action {
        let response: SASLInitialResponse
        do throws(FrameError) {
            response = try SASLInitialResponse(decoding: bytes)
        } catch {
            throw error.fatalError ?? wrongPassword
        }
        guard response.mechanism == Self.mechanism else {
            throw .scram("client selected an invalid SASL authentication mechanism")
        }
        guard let data = response.data else {
            phase = .awaitingFirst
            return .ask(.saslContinue([]))
        }
        return try opened(data)
    }

    /// `n,,n=,r=nonce`. PostgreSQL: `read_client_first_message`.
    private mutating func opened(_ bytes: [UInt8]) throws(ServerError) -> Action {
        var message = try SCRAMMessage(bytes)
        try Self.readHeader(&message)
        let header = Array(bytes.prefix(bytes.count - message.rest.count))
        let bare = message.rest
        if message.next == UInt8(ascii: "m") {
            throw .scram(
                "client requires an unsupported SCRAM extension", code: .featureNotSupported)
        }
        // The name is that of the startup packet; PostgreSQL ignores this one too.
        _ = try message.value(of: "n")
        let clientNonce = try message.value(of: "r")
        guard clientNonce.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .scram("non-printable characters in SCRAM nonce")
        }
        while !message.isAtEnd { _ = try message.attribute() }
        let both = clientNonce + nonce
        let serverFirst =
            Array("r=".utf8) + both + Array(",s=".utf8) + Base64.encoded(verifier.salt)
            + Array(",i=\(verifier.iterationCount)".utf8)
        phase = .awaitingFinal(
            Opening(header: header, clientFirstBare: bare, nonce: both, serverFirst: serverFirst))
        return .ask(.saslContinue(serverFirst))
    }

    /// Reads up to and with the second comma of `n,,`.
    private static func readHeader(_ message: inout SCRAMMessage) throws(ServerError) {
        switch message.next.map({ Unicode.Scalar($0) }) {
        // It has no channel binding, or believes that the server has none, which is so.
        case "n", "y": message.skip()
        case "p":
            throw .malformedSCRAM(
                "The client selected SCRAM-SHA-256 without channel binding, "
                    + "but the SCRAM message includes channel binding data.")
        default:
            throw .malformedSCRAM("Unexpected channel-binding flag \(message.quotedNext).")
        }
        try message.skipComma()
        if message.next == UInt8(ascii: "a") {
            throw .scram(
                "client uses authorization identity, but it is not supported",
                code: .featureNotSupported)
        }
        guard message.next == UInt8(ascii: ",") else {
            throw .malformedSCRAM(
                "Unexpected attribute \(message.quotedNext) in client-first-message.")
        }
        message.skip()
    }

    /// `c=biws,r=nonce,p=proof`. PostgreSQL: `read_client_final_message`.
    private func proved(
        _ bytes: [UInt8], _ opening: Opening, hash: some SCRAMHash
    ) throws(ServerError) -> Action {
        var message = try SCRAMMessage(bytes)
        guard try message.value(of: "c") == Base64.encoded(opening.header) else {
            throw .scram("unexpected SCRAM channel-binding attribute in client-final-message")
        }
        let nonce = try message.value(of: "r")
        var withoutProof = message.readSoFar
        var attribute = try message.attribute()
        while attribute.name != "p" {
            withoutProof = message.readSoFar
            attribute = try message.attribute()
        }
        guard let proof = Base64.decoded(attribute.value), proof.count == 32 else {
            throw .malformedSCRAM("Malformed proof in client-final-message.")
        }
        guard message.isAtEnd else {
            throw .malformedSCRAM("Garbage found at the end of client-final-message.")
        }
        guard nonce == opening.nonce else {
            throw .scram("invalid SCRAM response", detail: "Nonce does not match.")
        }
        let comma = [UInt8(ascii: ",")]
        let exchange =
            opening.clientFirstBare + comma + opening.serverFirst + comma + withoutProof
        guard verifier.accepts(proof: proof, of: exchange, hash: hash) else { throw wrongPassword }
        let signature = Base64.encoded(verifier.signature(of: exchange, hash: hash))
        return .accept(.saslFinal(Array("v=".utf8) + signature))
    }
}

extension FrameError {
    /// What a malformed message is answered with before the client is let in, when every error
    /// ends the connection; nil if it is closed without a word.
    fileprivate var fatalError: ServerError? {
        switch answer {
        case .close: return nil
        case .fatal(let error): return error
        case .error(var error, then: _):
            error.severity = .fatal
            return error
        }
    }
}
