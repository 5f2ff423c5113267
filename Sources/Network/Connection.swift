import Glibc
import NIOCore

/// What the owner of a connection is told, on the lab's loop.
public protocol ConnectionHandler: AnyObject {
    /// Bytes arrived, in order, in pieces of any size.
    func received(_ bytes: [UInt8], on connection: Connection)
    /// The connection is gone, by the other end or by a failure. Not called for one's own close.
    func closed(_ connection: Connection)
}

/// One end of a TCP connection on loopback.
///
/// It keeps the settle ledger's books: bytes are counted before they are written and taken off when
/// the other end has handled them. It knows nothing of messages.
///
/// - Touched on the lab's loop only.
/// - After `close` or `reset` its handler hears nothing more.
public final class Connection {
    private enum State {
        case open
        /// Closed by us, waiting until what was sent has left.
        case draining
        case closed
    }

    /// Told of bytes and of the end; let go at the end.
    public var handler: (any ConnectionHandler)?
    /// Arrived bytes count as handled only when the handler says `credit`: for a handler that has
    /// room for some of them only. Such a handler pauses the connection while it has no room.
    var creditsItself = false
    /// The other end's port on 127.0.0.1.
    public let peerPort: Int

    private let channel: any Channel
    private let side: SocketSide
    private let account: SocketAccount
    private let ledger: SettleLedger
    private var state = State.open
    private var unsent = 0
    private var afterSending: (() -> Void)?
    /// What has come and is not taken now; see `holdsBack`.
    private var kept = (pieces: ArraySlice<[UInt8]>(), isClosed: false)
    /// Its process does not run.
    private var isFrozen = false

    init(
        channel: any Channel, side: SocketSide, account: SocketAccount, ledger: SettleLedger,
        peerPort: Int
    ) {
        self.channel = channel
        self.side = side
        self.account = account
        self.ledger = ledger
        self.peerPort = peerPort
    }

    /// Whether bytes can still be sent.
    public var isOpen: Bool { state == .open }
    /// Whether the other end is one of the lab's own.
    public var isInternal: Bool { account.isWhole }
    /// Whether the other end is an outside program. One of the lab's own that is just connecting
    /// may not be known yet, and is none.
    public var isOutside: Bool { !isInternal && !ledger.isDialled(account.pair.listener) }
    /// Whether the two are the ends of one pair of sockets.
    func isOtherEnd(of connection: Connection) -> Bool {
        account === connection.account && side != connection.side
    }

    /// Bytes sent that the other end has not handled yet, as far as this process can know: for an
    /// outside program, what the kernel has not taken.
    public var unhandledByteCount: Int {
        isInternal ? account[side.other].unhandled : unsent
    }

    /// Bytes that the other end has sent and this one has not handled.
    var unreadByteCount: Int { isInternal ? account[side].unhandled : 0 }

    /// Sends bytes after those sent before. Ignored once closed.
    public func send(_ bytes: [UInt8]) {
        if !bytes.isEmpty { send(ByteBuffer(bytes: bytes)) }
    }

    /// Sends the head of a message and then its body, which is copied only once.
    public func send(_ head: [UInt8], _ body: ArraySlice<UInt8>) {
        var buffer = channel.allocator.buffer(capacity: head.count + body.count)
        buffer.writeBytes(head)
        buffer.writeBytes(body)
        send(buffer)
    }

    private func send(_ buffer: ByteBuffer) {
        ledger.rule.check()
        guard state == .open else { return }
        let count = buffer.readableBytes
        ledger.change(account) { $0.wrote(count, from: side) }
        unsent += count
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let me = LoopConfined(value: self)
        promise.futureResult.whenComplete { _ in me.value.left(count) }
        channel.writeAndFlush(buffer, promise: promise)
    }

    /// From now on it is read in pieces as large as they come: for a peer that one knows. Until
    /// then nobody can make the lab take more than `Listener.firstPieceByteCount` at a time.
    public func readFreely() {
        try? channel.syncOptions?.setOption(
            .recvAllocator, value: AdaptiveRecvByteBufferAllocator())
    }

    /// Speaks TLS from now on, as its server: what was sent before has left in the clear, and what
    /// arrives from now on must be TLS. A handshake that fails ends the connection.
    ///
    /// For outside programs only: the ledger of the lab's own ends counts bytes as they are handed
    /// in, and encrypted ones are more.
    public func startTLS(_ tls: ServerTLS) {
        precondition(!isInternal, "TLS between two ends of the lab")
        guard state == .open else { return }
        do {
            try tls.begin(on: channel)
        } catch {
            channel.close(mode: .all, promise: nil)
        }
    }

    /// Calls `body` once, on a later turn of the loop, when everything sent has left this end: for
    /// who has more to say than the other end reads, or more to do than one turn should take. A
    /// second call replaces the first; a connection that ends calls nobody.
    public func whenSent(_ body: @escaping () -> Void) {
        guard state == .open else { return }
        afterSending = body
        if unsent == 0 { callBack() }
    }

    private func callBack() {
        guard afterSending != nil else { return }
        let me = LoopConfined(value: self)
        channel.eventLoop.execute { me.value.sent() }
    }

    private func sent() {
        guard state == .open, unsent == 0, !isFrozen, let body = afterSending else { return }
        afterSending = nil
        ledger.during(body)
    }

    /// Closes once everything sent has left this end.
    public func close() {
        guard state == .open else { return }
        state = .draining
        handler = nil
        ledger.change(account) { $0.closed(side, byReset: false) }
        closeWhenDrained()
    }

    /// Closes at once; what was not yet sent or read is lost and the other end sees a reset.
    public func reset() {
        guard state != .closed else { return }
        let wasOpen = state == .open
        state = .closed
        handler = nil
        afterSending = nil
        kept = ([], false)
        if let socket = channel as? any SocketOptionProvider {
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        if wasOpen { ledger.change(account) { $0.closed(side, byReset: true) } }
        channel.close(mode: .all, promise: nil)
    }

    /// Stops reading: what arrives waits in the kernel and does not count as moving. So does the
    /// other end's close, and what stands before it, if both ends are the lab's: the kernel tells
    /// of a close whether one reads or not, and when it does is chance.
    public func pause() {
        guard state == .open, !account[side].isPaused else { return }
        setReading(false)
    }

    /// Reads again.
    public func resume() {
        guard state == .open, account[side].isPaused else { return }
        setReading(true)
        guard hasKept else { return }
        let me = LoopConfined(value: self)
        channel.eventLoop.execute { me.value.handOverKept() }
    }

    /// The other end has closed, and this one is paused and has not looked.
    var otherEndHasClosed: Bool { state == .open && account[side].owesClose }

    /// Its process was stopped: it hears of nothing, and its kernel fills up. For connections to
    /// outside programs; a link keeps back what its own ends do not read.
    public func freeze() {
        guard state == .open, !isFrozen else { return }
        isFrozen = true
        try? channel.syncOptions?.setOption(.autoRead, value: false)
    }

    /// Its process runs again.
    public func thaw() {
        guard isFrozen else { return }
        isFrozen = false
        handOverKept()
        guard state == .open else { return }
        if !account[side].isPaused {
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
        if unsent == 0 { callBack() }
    }

    /// Takes `count` arrived bytes off the books; see `creditsItself`.
    func credit(_ count: Int) {
        ledger.change(account) { $0.handled(count, at: side) }
    }

    /// Whether nothing is handed over: its process does not run, or it has paused a connection
    /// between two ends of the lab.
    private var holdsBack: Bool { isFrozen || isInternal && account[side].isPaused }

    private var hasKept: Bool { kept.isClosed || !kept.pieces.isEmpty }

    private func handOverKept() {
        while state == .open, !holdsBack, let piece = kept.pieces.popFirst() { handOver(piece) }
        if kept.isClosed, !holdsBack { wentAway() }
    }

    private func setReading(_ reads: Bool) {
        ledger.change(account) { $0.paused(!reads, at: side) }
        try? channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    private func left(_ count: Int) {
        unsent -= count
        if state == .draining { closeWhenDrained() }
        if unsent == 0 { callBack() }
    }

    private func closeWhenDrained() {
        guard unsent == 0 else { return }
        state = .closed
        afterSending = nil
        channel.close(mode: .all, promise: nil)
    }
}

// What the channel tells.
extension Connection {
    /// Bytes handed on are taken off the books only after the handler has set off what they cause.
    func arrived(_ bytes: [UInt8]) {
        guard state == .open else { return }
        guard !holdsBack, kept.pieces.isEmpty else {
            kept.pieces.append(bytes)
            return
        }
        handOver(bytes)
    }

    private func handOver(_ bytes: [UInt8]) {
        ledger.during {
            handler?.received(bytes, on: self)
            if !creditsItself { credit(bytes.count) }
        }
    }

    func wentAway() {
        guard state != .open || !holdsBack && kept.pieces.isEmpty else {
            kept.isClosed = true
            return
        }
        let wasOpen = state == .open
        state = .closed
        afterSending = nil
        ledger.during {
            ledger.change(account) { $0.closed(side, byReset: false) }
            let last = handler
            handler = nil
            if wasOpen { last?.closed(self) }
        }
    }
}

/// The last handler of a channel: from NIO's buffers to `Connection`'s bytes.
final class ConnectionPump: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.arrived(Array(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.wentAway()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Every error on a byte stream ends it; `channelInactive` follows.
        context.close(promise: nil)
    }
}
