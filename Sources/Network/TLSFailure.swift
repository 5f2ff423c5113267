import Glibc

/// Why a node cannot speak TLS with the files it was given.
public enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The program was built without the trait `Security`.
    case notInThisBuild
    /// A file cannot be read; what the system said.
    case unreadable(file: String, reason: String)
    /// A file holds no certificate in PEM form.
    case noCertificate(file: String)
    /// A file holds no private key in PEM form, or one that a passphrase protects.
    case noKey(file: String)
    /// The key is not that of the certificate.
    case doNotFit(certificateFile: String, keyFile: String)

    /// One line.
    public var description: String {
        switch self {
        case .notInThisBuild: "this build has no TLS"
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .noCertificate(let file): "\(file): no certificate in PEM form"
        case .noKey(let file): "\(file): no private key in PEM form without a passphrase"
        case .doNotFit(let certificate, let key): "\(key) is not the key of \(certificate)"
        }
    }

    /// A file's bytes; no more than a chain of certificates takes.
    static func contents(of file: String) throws(TLSFailure) -> [UInt8] {
        func failed() -> TLSFailure {
            .unreadable(file: file, reason: String(cString: strerror(errno)))
        }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failed() }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            guard more >= 0 else { throw failed() }
            if more == 0 { break }
            count += more
        }
        return Array(bytes.prefix(count))
    }
}
