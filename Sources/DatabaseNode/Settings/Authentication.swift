package import WireProtocol

/// How outside programs show who they are. PostgreSQL: the method column of `pg_hba.conf`.
package enum AuthenticationMethod: String, CaseIterable, Sendable {
    /// They need not.
    case trust
    /// By a password, with SCRAM-SHA-256; the same for every name.
    case scram
}

/// A method with what a node needs for it.
package enum Authentication: Hashable, Sendable {
    case trust
    case scram(SCRAMVerifier, PasswordHash)

    package var method: AuthenticationMethod {
        switch self {
        case .trust: .trust
        case .scram: .scram
        }
    }
}

/// A password: printable ASCII, of which SASLprep makes nothing else, and short enough for one
/// command.
package struct Password: Hashable, Sendable {
    /// The longest there is.
    package static let maximumLength = 128

    /// As it is typed.
    package let text: String

    /// Nil if the text is no password.
    package init?(_ text: String) {
        guard (1...Self.maximumLength).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        self.text = text
    }

    /// One that nobody can foretell. It does not come from the lab's seed, and so is never in a
    /// transcript.
    package static var random: Password {
        let letters = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        guard let password = Password(String((0..<20).map { _ in letters.randomElement() ?? "a" }))
        else { preconditionFailure("letters are no password") }
        return password
    }

    /// What nodes keep of it.
    package func verifier(_ hash: PasswordHash) -> SCRAMVerifier {
        SCRAMVerifier(
            password: text, salt: .random(count: SCRAMVerifier.saltByteCount), hash: hash)
    }
}

extension [UInt8] {
    /// Bytes that nobody can foretell: salts and nonces.
    static func random(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255) }
    }
}
