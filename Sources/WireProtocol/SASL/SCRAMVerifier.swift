/// The one-way functions behind SCRAM-SHA-256. Handed in, since this room computes no hash.
public protocol SCRAMHash {
    /// SHA-256 of a message: 32 bytes.
    func digest(_ message: [UInt8]) -> [UInt8]
    /// HMAC-SHA-256 of a message: 32 bytes.
    func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8]
}

/// What a server keeps of a password: enough to tell whether a client knows it, and not enough to
/// pretend to know it. PostgreSQL: `pg_authid.rolpassword`.
public struct SCRAMVerifier: Hashable, Sendable {
    /// PostgreSQL: `SCRAM_DEFAULT_ITERATIONS`.
    public static let defaultIterationCount = 4_096
    /// PostgreSQL: `SCRAM_DEFAULT_SALT_LEN`.
    public static let saltByteCount = 16

    let salt: [UInt8]
    let iterationCount: Int
    /// H(ClientKey)
    let storedKey: [UInt8]
    let serverKey: [UInt8]

    /// Derives the keys of a password; takes thousands of hashes, on purpose.
    ///
    /// - Parameter password: printable ASCII, which SASLprep leaves as it is.
    public init(
        password: String, salt: [UInt8], iterationCount: Int = defaultIterationCount,
        hash: some SCRAMHash
    ) {
        self.init(
            saltedPassword: Self.salted(
                Array(password.utf8), salt: salt, iterationCount: iterationCount, hash: hash),
            salt: salt, iterationCount: iterationCount, hash: hash)
    }

    init(saltedPassword: [UInt8], salt: [UInt8], iterationCount: Int, hash: some SCRAMHash) {
        self.salt = salt
        self.iterationCount = iterationCount
        let clientKey = hash.authenticationCode(of: Array("Client Key".utf8), key: saltedPassword)
        storedKey = hash.digest(clientKey)
        serverKey = hash.authenticationCode(of: Array("Server Key".utf8), key: saltedPassword)
    }

    /// PBKDF2 (RFC 8018) with one block of output. PostgreSQL: `scram_SaltedPassword`.
    static func salted(
        _ password: [UInt8], salt: [UInt8], iterationCount: Int, hash: some SCRAMHash
    ) -> [UInt8] {
        var last = hash.authenticationCode(of: salt + [0, 0, 0, 1], key: password)
        var result = last
        for _ in stride(from: 1, to: iterationCount, by: 1) {
            last = hash.authenticationCode(of: last, key: password)
            for index in result.indices { result[index] ^= last[index] }
        }
        return result
    }

    /// Whether the proof was made with the password, over this exchange. PostgreSQL:
    /// `verify_client_proof`.
    func accepts(proof: [UInt8], of exchange: [UInt8], hash: some SCRAMHash) -> Bool {
        let signature = hash.authenticationCode(of: exchange, key: storedKey)
        guard proof.count == signature.count else { return false }
        let clientKey = zip(proof, signature).map { $0 ^ $1 }
        // Every byte is looked at, so that the time it takes tells nothing.
        return zip(hash.digest(clientKey), storedKey).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What shows the client that the server knows the verifier.
    func signature(of exchange: [UInt8], hash: some SCRAMHash) -> [UInt8] {
        hash.authenticationCode(of: exchange, key: serverKey)
    }
}
