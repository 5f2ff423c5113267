package import DatabaseNode
import Network
import WireProtocol

// Who is let in through the nodes' ports, and whether anybody on the way can listen.
extension Lab {
    /// Whether this build has SCRAM-SHA-256 and TLS: the package's trait `Security`.
    package static var hasSecurity: Bool { PasswordHash.available != nil }

    /// How outside programs show who they are, on every node.
    package var authentication: AuthenticationMethod {
        onLoop { cluster in cluster.settings.authentication.method }
    }

    /// The password of outside programs, if one was set or made.
    package var password: Password? { onLoop { cluster in cluster.password } }

    /// Whether the nodes speak TLS with those who ask for it.
    package var speaksTLS: Bool { options.tls != nil }

    /// Changes how outside programs that connect from now on show who they are. A password is made
    /// up if there is none.
    package func setAuthentication(_ method: AuthenticationMethod) throws(LabFailure) {
        switch method {
        case .trust: onLoop { cluster in cluster.settings.authentication = .trust }
        case .scram: try askForPassword(password ?? .random)
        }
        settle()
    }

    /// Changes the password of outside programs that connect from now on.
    package func setPassword(_ password: Password) throws(LabFailure) {
        guard Self.hasSecurity else { throw .needsSecurity(.scram) }
        switch authentication {
        case .trust: onLoop { cluster in cluster.password = password }
        case .scram: try askForPassword(password)
        }
        settle()
    }

    private func askForPassword(_ password: Password) throws(LabFailure) {
        guard let hash = PasswordHash.available else { throw .needsSecurity(.scram) }
        let verifier = password.verifier(hash)
        onLoop { cluster in
            cluster.password = password
            cluster.settings.authentication = .scram(verifier, hash)
        }
    }
}

extension ServerTLS {
    /// What the lab's options ask for; nil if they ask for no TLS.
    init?(_ files: LabOptions.TLSFiles?) throws(LabFailure) {
        guard let files else { return nil }
        do throws(TLSFailure) {
            self = try ServerTLS(certificateFile: files.certificate, keyFile: files.key)
        } catch {
            switch error {
            case .notInThisBuild: throw .needsSecurity(.tls)
            case .unreadable(let file, let reason):
                throw .unusableTLSFile(path: file, reason: reason)
            case .noCertificate(let file):
                throw .unusableTLSFile(path: file, reason: "no certificate in PEM form")
            case .noKey(let file):
                throw .unusableTLSFile(
                    path: file, reason: "no private key in PEM form without a passphrase")
            case .doNotFit(let certificateFile, let keyFile):
                throw .unusableTLSFile(
                    path: keyFile, reason: "not the key of the certificate in \(certificateFile)")
            }
        }
    }
}
