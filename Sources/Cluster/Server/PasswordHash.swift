import WireProtocol

#if Security
    import Crypto

    /// SHA-256 and HMAC of a library. The one place that knows it; a build without the trait
    /// `Security` has no hash for passwords.
    struct PasswordHash: SCRAMHash, Hashable, Sendable {
        /// The one there is.
        static let available: PasswordHash? = PasswordHash()

        func digest(_ message: [UInt8]) -> [UInt8] {
            Array(SHA256.hash(data: message))
        }

        func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
            Array(
                HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
        }
    }
#else
    /// What a build without the trait `Security` has none of: it cannot be made.
    struct PasswordHash: SCRAMHash, Hashable, Sendable {
        /// None.
        static let available: PasswordHash? = nil

        private init() {}

        func digest(_ message: [UInt8]) -> [UInt8] {
            preconditionFailure("a hash that cannot be made was asked")
        }

        func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
            preconditionFailure("a hash that cannot be made was asked")
        }
    }
#endif
