import LabClock
import Network
import SQLServer
import Storage
import WireProtocol

// How a client gets from its first byte to its greeting. PostgreSQL: `ProcessStartupPacket`,
// `ClientAuthentication`.
extension Backend {
    /// An outside program that has not shown who it is by now is closed without a message, as in
    /// PostgreSQL, where it seems too risky to send one.
    func startAuthenticationTimer() -> OutsideTimer {
        process.lab.afterRealTime(process.settings.authenticationTimeout) { [weak self] in
            guard let self, !isLetIn, !connection.isInternal else { return }
            close()
            process.backendEnded(id)
        }
    }

    /// The same for one of the lab's own ends, in lab time. Whoever dialled over a link that takes
    /// nothing has given up long before, and its close is on the link with its first word.
    func startLabAuthenticationDeadline() -> Deadline? {
        guard !connection.isOutside else { return nil }
        let deadline = Deadline(
            lab: process.lab, owner: "newcomer \(process.name) \(id)",
            suspension: process.suspension
        ) { [weak self] in
            guard let self, isNewcomer, connection.isInternal else { return }
            close()
            process.backendEnded(id)
        }
        deadline.move(to: process.now.advanced(by: process.settings.authenticationTimeout))
        return deadline
    }

    /// The lab's own ends speak no TLS: on their sockets the settle ledger counts bytes.
    func answerTLSRequest() {
        guard let tls = process.tls, !connection.isInternal else {
            return send([.encryptionAnswer(.refused)])
        }
        // Sent before the handshake, so whoever sits in between may have put it there.
        guard decoder.bufferedByteCount == 0 else {
            return end(
                saying: ServerError(
                    severity: .fatal, code: .protocolViolation,
                    message: "received unencrypted data after SSL request",
                    detail: "This could be either a client-software bug or evidence of an "
                        + "attempted man-in-the-middle attack."))
        }
        send([.encryptionAnswer(.tls)])
        connection.startTLS(tls)
    }

    /// The client has said who it wants to be. Replicas and the lab's own client come from within
    /// the process, which is known of them as PostgreSQL's `peer` knows a local user.
    func begin(_ startup: StartupMessage) {
        if !connection.isInternal { process.outside.connections += 1 }
        applicationName = startup.applicationName
        user = startup.user
        do throws(ServerError) {
            try process.checkMayEnter(self)
        } catch {
            return end(saying: error)
        }
        queue([startup.negotiation])
        switch process.settings.authentication {
        case .scram(let verifier, let hash) where !connection.isInternal:
            let exchange = SCRAMServer(
                verifier: verifier, user: user, nonce: .random(count: SCRAMServer.nonceByteCount))
            mode = .authenticating(startup, exchange, hash)
            send([.authentication(exchange.invitation)])
        case .scram, .trust: enter(startup)
        }
    }

    func take(
        _ answer: [UInt8], _ startup: StartupMessage, _ exchange: SCRAMServer, _ hash: PasswordHash
    ) {
        var exchange = exchange
        switch exchange.received(answer, hash: hash) {
        case .ask(let challenge):
            mode = .authenticating(startup, exchange, hash)
            send([.authentication(challenge)])
        case .accept(let challenge):
            queue([.authentication(challenge)])
            enter(startup)
        case .refuse(let error): end(saying: error)
        }
    }

    /// Lets the client in, if there is still room.
    private func enter(_ startup: StartupMessage) {
        decoder.enter(.commands)
        deadline?.cancel()
        do throws(ServerError) {
            try process.checkMayEnter(self)
            switch startup.mode {
            case .sql:
                mode = .sql(
                    try SQLConversation(
                        host: SQLNode(process), startup: startup, processID: id,
                        tellsOfCommits: !connection.isInternal))
            case .physicalReplication, .logicalReplication:
                beginSending()
            }
        } catch {
            return end(saying: error)
        }
        authenticationTimer?.cancel()
        connection.readFreely()
        let greeting = ServerGreeting(
            user: user, applicationName: applicationName,
            processID: Int32(truncatingIfNeeded: id), configuration: process.configuration)
        send(greeting.messages)
    }
}
