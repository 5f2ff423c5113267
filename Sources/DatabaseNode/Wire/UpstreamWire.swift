package import Network
package import WireProtocol

/// A client's connection to a server: it dials, cuts what comes into messages, and hands these over
/// one by one. What receivers of every kind have in common, whatever they receive.
///
/// - After `hangUp` or `reset` nothing more is heard of the connection, nor of a dial under way.
/// - A server outside the lab that does not take what it is told is not read either, until it has:
///   what it asks for, and never reads, costs it its turn and us no memory.
/// - It is for its owner to hang up when what came was `broken`.
/// - Touched on the lab's loop only.
package final class UpstreamWire: ConnectionHandler {
    /// What its owner hears.
    package enum News {
        /// The server took the connection.
        case connected
        /// Nobody took it.
        case refused
        case message(BackendMessage)
        /// What came is no message.
        case broken(FrameError)
        /// The other end is gone.
        case closed
    }

    /// Where a dial's answer goes, nil for a refusal.
    package typealias Answer = (Connection?) -> Void

    private let heard: (News) -> Void
    private var connection: Connection?
    private var decoder = BackendDecoder()
    /// Beyond so much that was not taken the server has to wait.
    private static let untakenLimit = 1 << 16
    private var isPausedByOwner = false
    /// The server was told more than it takes, and is not read.
    package private(set) var isHeld = false
    /// The number of the last dial, or of what made it void.
    private var attempt = 0

    /// A wire that is not connected.
    package init(heard: @escaping (News) -> Void) {
        self.heard = heard
    }

    /// Connects, by a call that answers later. A dial under way is given up.
    package func dial(_ begin: (@escaping Answer) -> Void) {
        attempt += 1
        decoder = BackendDecoder()
        begin { [weak self, attempt] connection in
            guard let self, attempt == self.attempt, self.connection == nil else {
                connection?.reset()
                return
            }
            guard let connection else { return heard(.refused) }
            self.connection = connection
            (isPausedByOwner, isHeld) = (false, false)
            connection.handler = self
            heard(.connected)
        }
    }

    /// Sends bytes after those sent before; without a connection they are nobody's.
    package func send(_ bytes: [UInt8]) {
        guard let connection else { return }
        connection.send(bytes)
        guard !connection.isInternal, !isHeld,
            connection.unhandledByteCount > Self.untakenLimit
        else { return }
        isHeld = true
        connection.pause()
        connection.whenSent { [weak self, weak connection] in
            guard let self, let connection, connection === self.connection else { return }
            isHeld = false
            if !isPausedByOwner { connection.resume() }
        }
    }

    /// Stops reading: the server has to wait.
    package func pause() {
        isPausedByOwner = true
        connection?.pause()
    }

    /// Reads again.
    package func resume() {
        isPausedByOwner = false
        if !isHeld { connection?.resume() }
    }

    /// Closes once everything sent has left.
    package func hangUp() {
        attempt += 1
        connection?.close()
        connection = nil
    }

    /// Closes at once; what was not sent is lost.
    package func reset() {
        attempt += 1
        connection?.reset()
        connection = nil
    }

    package func received(_ bytes: [UInt8], on connection: Connection) {
        guard connection === self.connection else { return }
        decoder.feed(bytes)
        while connection === self.connection {
            do throws(FrameError) {
                guard let message = try decoder.next() else { return }
                heard(.message(message))
            } catch {
                return heard(.broken(error))
            }
        }
    }

    package func closed(_ connection: Connection) {
        guard connection === self.connection else { return }
        self.connection = nil
        heard(.closed)
    }
}
