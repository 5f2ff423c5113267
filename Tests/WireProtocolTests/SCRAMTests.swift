import LabClock
import Testing

@testable import Replication
@testable import WireProtocol

/// The server's side of SCRAM-SHA-256, against an exchange captured from PostgreSQL 15.18 and, for
/// what a client may do wrong, against what that server was measured to answer.
struct SCRAMTests {
    /// HMAC (RFC 2104) over the SHA-256 of the backup manifests.
    private struct Hash: SCRAMHash {
        func digest(_ message: [UInt8]) -> [UInt8] {
            var sha = SHA2<UInt32>.sha256
            sha.update(message)
            return sha.digest
        }

        func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
            let short = key.count > 64 ? digest(key) : key
            let block = short + Array(repeating: 0, count: 64 - short.count)
            return digest(block.map { $0 ^ 0x5C } + digest(block.map { $0 ^ 0x36 } + message))
        }
    }

    private static let clientNonce = "59/PgucQcS/u4lFScyibo/Rb"
    private static let nonce = clientNonce + "LIgeYmUTMvxnYea2R53AP6/l"
    private static let first = "n,,n=,r=\(clientNonce)"
    private static let challenge = "r=\(nonce),s=ZA7I9WU40mCAzmaHHZdMXg==,i=4096"
    private static let proof = "bcxtZq+s2vFqojVnAEDdxX9VoMPR3SWBqIZMtpX0Z9U="
    private static let final = "c=biws,r=\(nonce),p=\(proof)"
    private static let saltedPassword: [UInt8] = [
        0x48, 0x59, 0x50, 0x51, 0x45, 0xDA, 0x56, 0x09, 0x6F, 0x23, 0x68, 0xA5, 0x29, 0x71, 0x94,
        0x0A, 0x0E, 0x83, 0x14, 0xBA, 0x62, 0x6A, 0xF1, 0x93, 0x23, 0x97, 0x1F, 0xB9, 0x00, 0xE0,
        0x72, 0xDB,
    ]
    private static let wrongPassword = ServerError(
        severity: .fatal, code: .invalidPassword,
        message: "password authentication failed for user \"me\"")

    /// The server of the capture.
    private func server() throws -> SCRAMServer {
        let salt = try #require(Base64.decoded("ZA7I9WU40mCAzmaHHZdMXg==".utf8))
        let nonce = try #require(Base64.decoded("LIgeYmUTMvxnYea2R53AP6/l".utf8))
        let verifier = SCRAMVerifier(
            saltedPassword: Self.saltedPassword, salt: salt, iterationCount: 4_096, hash: Hash())
        return SCRAMServer(verifier: verifier, user: "me", nonce: nonce)
    }

    private func initial(_ text: String, mechanism: String = "SCRAM-SHA-256") -> [UInt8] {
        let response = SASLInitialResponse(mechanism: mechanism, data: Array(text.utf8))
        guard case .password(let bytes) = response.message else { return [] }
        return bytes
    }

    /// What the server answers to these, one after the other.
    private func answers(_ first: String, _ others: String...) throws -> [SCRAMServer.Action] {
        var server = try server()
        return [server.received(initial(first), hash: Hash())]
            + others.map { server.received(Array($0.utf8), hash: Hash()) }
    }

    private func ask(_ text: String) -> SCRAMServer.Action {
        .ask(.saslContinue(Array(text.utf8)))
    }

    @Test func `the exchange of a real server and psql is repeated byte for byte`() throws {
        #expect(try server().invitation == .sasl(mechanisms: ["SCRAM-SHA-256"]))
        let signature = "v=pt3Rg5B1m9P/dOtgD3wyA45+lkxhmWy6qYd3UwLq+NQ="
        #expect(
            try answers(Self.first, Self.final)
                == [ask(Self.challenge), .accept(.saslFinal(Array(signature.utf8)))])
    }

    @Test func `a password is salted as RFC 8018 has it`() throws {
        let salt = try #require(Base64.decoded("ZA7I9WU40mCAzmaHHZdMXg==".utf8))
        let salted = SCRAMVerifier.salted(
            Array("secret".utf8), salt: salt, iterationCount: 4_096, hash: Hash())
        #expect(salted == Self.saltedPassword)
        // RFC 7914, section 11: one round.
        #expect(
            SCRAMVerifier.salted(
                Array("passwd".utf8), salt: Array("salt".utf8), iterationCount: 1, hash: Hash()
            ).prefix(8) == [0x55, 0xAC, 0x04, 0x6E, 0x56, 0xE3, 0x08, 0x9F])
    }

    @Test func `a proof of another password is refused with 28P01`() throws {
        let other = Self.final.replacing("p=b", with: "p=c")
        #expect(
            try answers(Self.first, other) == [ask(Self.challenge), .refuse(Self.wrongPassword)])
        #expect(try server().wrongPassword == Self.wrongPassword)
    }

    @Test func `a client that could bind the channel is believed that it saw no offer`() throws {
        // c= must repeat the header that was sent; the captured proof does not cover this one.
        let first = Self.first.replacing("n,,", with: "y,,")
        let final = Self.final.replacing("biws", with: "eSws")
        #expect(
            try answers(first, final) == [ask(Self.challenge), .refuse(Self.wrongPassword)])
    }

    @Test func `a client that lets the server begin is asked to begin`() throws {
        var server = try server()
        let mechanism = Array("SCRAM-SHA-256".utf8) + [0, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(server.received(mechanism, hash: Hash()) == .ask(.saslContinue([])))
        #expect(server.received(Array(Self.first.utf8), hash: Hash()) == ask(Self.challenge))
        let end = server.received(Array(Self.final.utf8), hash: Hash())
        guard case .accept = end else { return #expect(Bool(false), "\(end)") }
    }

    @Test func `an extension before the proof is covered by it`() throws {
        let extended = Self.final.replacing(",p=", with: ",x=1,p=")
        #expect(try answers(Self.first, extended).last == .refuse(Self.wrongPassword))
    }

    // MARK: What PostgreSQL 15.18 answered

    private func refusal(
        _ message: String, _ detail: String? = nil, code: SQLState = .protocolViolation
    ) -> SCRAMServer.Action {
        .refuse(
            ServerError(severity: .fatal, code: code, message: message, detail: detail))
    }

    private func malformed(_ detail: String) -> SCRAMServer.Action {
        refusal("malformed SCRAM message", detail)
    }

    @Test func `a first message that is none is refused in PostgreSQL's words`() throws {
        let bound =
            "The client selected SCRAM-SHA-256 without channel binding, "
            + "but the SCRAM message includes channel binding data."
        let cases = [
            ("", malformed("The message is empty.")),
            ("n,,n=,r=a\0b", malformed("Message length does not match input length.")),
            ("n", malformed("Comma expected, but found character \"0x00\".")),
            ("x,,n=,r=abc", malformed("Unexpected channel-binding flag \"'x'\".")),
            ("p=tls-server-end-point,,n=,r=abc", malformed(bound)),
            ("n,b,n=,r=abc", malformed("Unexpected attribute \"'b'\" in client-first-message.")),
            ("n,,n=,x=abc", malformed("Expected attribute \"r\" but found \"'x'\".")),
            ("n,,n,r=abc", malformed("Expected character \"=\" for attribute \"n\".")),
            ("n,,n=,r=ab\u{1}c", refusal("non-printable characters in SCRAM nonce")),
            (
                "n,,n=,r=abc,1=x",
                malformed("Attribute expected, but found invalid character \"'1'\".")
            ),
            (
                "n,a=me,n=,r=abc",
                refusal(
                    "client uses authorization identity, but it is not supported",
                    code: .featureNotSupported)
            ),
            (
                "n,,m=1,n=,r=abc",
                refusal(
                    "client requires an unsupported SCRAM extension", code: .featureNotSupported)
            ),
        ]
        for (text, answer) in cases { #expect(try answers(text) == [answer], "\(text)") }
    }

    @Test func `a final message that is none is refused in PostgreSQL's words`() throws {
        let nonce = Self.nonce
        let binding = "unexpected SCRAM channel-binding attribute in client-final-message"
        let cases = [
            ("", malformed("The message is empty.")),
            ("c=biws,r=\(nonce)", malformed("Attribute expected, but found end of string.")),
            ("c=eSws,r=\(nonce),p=\(Self.proof)", refusal(binding)),
            (
                "c=biws,r=\(nonce)x,p=\(Self.proof)",
                refusal("invalid SCRAM response", "Nonce does not match.")
            ),
            (
                "c=biws,r=\(nonce),p=AAAA",
                malformed("Malformed proof in client-final-message.")
            ),
            (
                "c=biws,r=\(nonce),p=!!!!",
                malformed("Malformed proof in client-final-message.")
            ),
            (
                "\(Self.final),x=1",
                malformed("Garbage found at the end of client-final-message.")
            ),
        ]
        for (text, answer) in cases {
            #expect(try answers(Self.first, text).last == answer, "\(text)")
        }
    }

    @Test func `another mechanism, and a response that breaks off, are fatal 08P01`() throws {
        let invalid = refusal("client selected an invalid SASL authentication mechanism")
        for mechanism in ["SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", ""] {
            var server = try server()
            let response = initial(Self.first, mechanism: mechanism)
            #expect(server.received(response, hash: Hash()) == invalid)
        }
        var server = try server()
        #expect(server.received([], hash: Hash()) == refusal("invalid string in message"))
        server = try self.server()
        #expect(
            server.received(Array("SCRAM-SHA-256\0".utf8) + [0, 0, 0, 5, 1], hash: Hash())
                == refusal("insufficient data left in message"))
    }

    @Test func `no bytes of a peer trap the machine`() throws {
        var generator = SeededDraws(seed: 11)
        let letters = Array("nyp,=acrm\0biws12AZ+/".utf8)
        for _ in 0..<2_000 {
            var server = try server()
            let text = (0..<Int.random(in: 0..<24, using: &generator)).compactMap { _ in
                letters.randomElement(using: &generator)
            }
            let response = SASLInitialResponse(mechanism: SCRAMServer.mechanism, data: text)
            guard case .password(let bytes) = response.message,
                case .ask = server.received(bytes, hash: Hash())
            else { continue }
            let action = server.received(text, hash: Hash())
            if case .accept = action { Issue.record("accepted \(text)") }
        }
    }
}

/// RFC 4648's own vectors, and what no encoder writes.
struct Base64Tests {
    @Test func `texts of every length come back`() {
        let vectors = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==",
            "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
        ]
        for (plain, text) in vectors {
            #expect(Base64.encoded(Array(plain.utf8)) == Array(text.utf8))
            #expect(Base64.decoded(text.utf8) == Array(plain.utf8))
        }
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9v!", "====", "Zg==Zg==", "Zm 9v", "Z==="])
    func `anything else is no base64`(_ text: String) {
        #expect(Base64.decoded(text.utf8) == nil)
    }
}
