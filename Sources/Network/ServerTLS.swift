import NIOCore

#if Security
    import NIOSSL

    /// A certificate and its key, with which accepted connections can be encrypted. The one place
    /// that knows the library; a build without the trait `Security` has no such thing.
    ///
    /// TLS 1.2 at the least, as PostgreSQL (`ssl_min_protocol_version`). Clients are not asked for
    /// certificates. A connection ends with a close_notify that waits for none in return.
    public struct ServerTLS: Sendable {
        private let context: NIOSSLContext

        /// Reads both files, in PEM form; blocking.
        public init(certificateFile: String, keyFile: String) throws(TLSFailure) {
            let certificates = try Self.certificates(certificateFile)
            let key = try Self.key(keyFile)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) }, privateKey: key)
            configuration.minimumTLSVersion = .tlsv12
            configuration.shutdownTimeout = .zero
            do {
                context = try NIOSSLContext(configuration: configuration)
            } catch {
                throw .doNotFit(certificateFile: certificateFile, keyFile: keyFile)
            }
        }

        private static func certificates(
            _ file: String
        ) throws(TLSFailure) -> [NIOSSLCertificate] {
            let text = try TLSFailure.contents(of: file)
            let certificates = (try? NIOSSLCertificate.fromPEMBytes(text)) ?? []
            guard !certificates.isEmpty else { throw .noCertificate(file: file) }
            return certificates
        }

        private static func key(_ file: String) throws(TLSFailure) -> NIOSSLPrivateKeySource {
            let text = try TLSFailure.contents(of: file)
            guard let key = try? NIOSSLPrivateKey(bytes: text, format: .pem) else {
                throw .noKey(file: file)
            }
            return .privateKey(key)
        }

        /// Puts TLS before everything else that happens to a channel's bytes from now on.
        func begin(on channel: any Channel) throws {
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLServerHandler(context: context), position: .first)
        }
    }
#else
    /// What a build without the trait `Security` has none of: it cannot be made.
    public struct ServerTLS: Sendable {
        /// Fails.
        public init(certificateFile: String, keyFile: String) throws(TLSFailure) {
            throw .notInThisBuild
        }

        func begin(on channel: any Channel) throws {
            throw TLSFailure.notInThisBuild
        }
    }
#endif
