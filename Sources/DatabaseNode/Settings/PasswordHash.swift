import WireProtocol

#if Security
    import Crypto

    /// SHA-256 and HMAC of a library. The one place that knows it; a build without the trait
    /// `Security` has no hash for passwords.
    package struct PasswordHash: SCRAMHash, Hashable, Sendable {
        /// The one there is.
        package static let available: PasswordHash? = PasswordHash()

        package func digest(_ message: [UInt8]) -> [UInt8] {
            Array(SHA256.hash(data: message))
        }

        package func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
            Array(
                HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
        }
    }
#else
    /// What a build without the trait `Security` has none of: it cannot be made.
    package struct PasswordHash: SCRAMHash, Hashable, Sendable {
        /// None.
        package static let available: PasswordHash? = nil

        private init() {}

        package func digest(_ message: [UInt8]) -> [UInt8] {
            preconditionFailure("a hash that cannot be made was asked")
        }

        package func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
            preconditionFailure("a hash that cannot be made was asked")
        }
    }
#endif
