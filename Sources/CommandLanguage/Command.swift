public import WALFormat

/// One command of the lab, checked and typed: what the prompt, `-c`, files, lessons and transcripts
/// all become before anything happens.
///
/// It is not an action: only a session carries it out. Nodes are words here (``NodeReference``);
/// that a node exists was checked by the parser, that it is alive is for the session to find out.
///
/// - One case per verb of the command table, except `lag` and `config`, which show or set, and
///   `slot`, which has one for each thing it does.
/// - No case holds text that the grammar refuses (an empty key, a key with a zero byte).
public enum Command: Hashable, Sendable {
    /// Writes a key and waits for the OK. Example: `set pay:7 100`.
    case set(node: NodeReference?, key: String, value: String)
    /// Reads a key, from the primary unless told otherwise. Example: `get r1 pay:7`.
    case get(node: NodeReference?, key: String)
    /// Removes a key. Example: `delete pay:7`.
    case delete(node: NodeReference?, key: String)
    /// Writes `prefix:1 = 1` and on, each its own commit; with `byteCount` the values are padded to
    /// so many bytes. Example: `load 12 every 66ms as pay`.
    case load(count: Int, every: LabInterval?, prefix: String, byteCount: Int? = nil)
    /// Opens a transaction. Example: `begin`.
    case begin(node: NodeReference?)
    /// Ends the open transaction and waits for the OK. Example: `commit`.
    case commit
    /// Undoes the open transaction. Example: `rollback`.
    case rollback
    /// Shows every node. Example: `status`.
    case status
    /// Lists a node's WAL records, with their bytes if `raw`. Example: `wal r1 --raw`.
    case wal(node: NodeReference?, range: WALRange?, raw: Bool = false)
    /// Shows a page of a node's table. Example: `page r1 0`.
    case page(node: NodeReference?, block: Int)
    /// Compares the directories of two nodes. Example: `diff p r1`.
    case diff(NodeReference, NodeReference)
    /// Shows every lag meter. Example: `lag`.
    case lag
    /// Delays the WAL on its way to a replica. Example: `lag r1 800ms`.
    case lagSet(node: NodeReference, delay: LabDuration)
    /// Cuts a replica's link without closing its connection, at once and both ways, or one way and
    /// later. Examples: `partition r1`, `partition r1 after=137`.
    case partition(node: NodeReference, LaterCut? = nil)
    /// Takes the faults off one link, or off all. Example: `heal r1`.
    case heal(node: NodeReference?)
    /// Heals a link and connects at once. Example: `reconnect r1`.
    case reconnect(node: NodeReference)
    /// Shows the replication slots, and what WAL is kept for whom. Example: `slots`.
    case slots
    /// Makes a replication slot. Example: `slot create r1`.
    case slotCreate(name: String, node: NodeReference?)
    /// Removes a replication slot. Example: `slot drop r1`.
    case slotDrop(name: String, node: NodeReference?)
    /// Makes a replica use a slot of its upstream's; nil: none. Example: `slot use r1 r1`.
    case slotUse(name: String?, node: NodeReference)
    /// Makes a replica stream from another node. Example: `follow r2 r1`.
    case follow(NodeReference, upstream: NodeReference)
    /// Takes an unmodified PostgreSQL in as one more replica. Example: `attach standby pg`.
    case attach(name: String)
    /// Stops it and lets it go; nil: the one there is. Example: `detach pg`.
    case detach(name: String?)
    /// Cuts a node's power; nil for the disk: its default. Example: `crash primary wire=deliver`.
    case crash(node: NodeReference, wire: WireFate, disk: UnsyncedFate?)
    /// Shuts a node down cleanly. Example: `stop primary`.
    case stop(node: NodeReference)
    /// Starts a node again from its own disk. Example: `restart p`.
    case restart(node: NodeReference)
    /// Brings a node's pages to disk, so that recovery begins here. Example: `checkpoint`.
    case checkpoint(node: NodeReference?)
    /// Prunes row versions that nobody can see. Example: `vacuum`.
    case vacuum(node: NodeReference?)
    /// Makes a node's disk fail, or work again. Example: `disk p full`.
    case disk(node: NodeReference, DiskCondition)
    /// Damages the files of a node that is down. Example: `damage p wal 0/1000060`.
    case damage(node: NodeReference, DamageKind)
    /// Makes a replica the primary. Example: `promote r1`.
    case promote(node: NodeReference)
    /// Shows the loss ledger again. Example: `lost`.
    case lost
    /// Fills a replica's directory anew from another node. Example: `basebackup r1 from p`.
    case basebackup(BackupRequest)
    /// Lets lab time pass. Example: `wait 800ms`.
    case wait(LabDuration)
    /// Shows the settings, or one of them. Example: `config`.
    case config(name: String?)
    /// Changes a setting; which ones can be changed is for the session to say. Example: `config
    /// full_page_writes off`.
    case configSet(name: String, value: String)
    /// Prints each node's host and port. Example: `connect`.
    case connect
    /// Reads the log of a running server as it grows. Example: `tail port=5432 count=10`.
    case tail(TailRequest)
    /// Explains the commands. Example: `help promote`.
    case help(HelpTopic?)
    /// Ends the session. Example: `quit`.
    case quit

    /// The verb that a learner types for this command.
    public var verb: Verb {
        switch self {
        case .set: .set
        case .get: .get
        case .delete: .delete
        case .load: .load
        case .begin: .begin
        case .commit: .commit
        case .rollback: .rollback
        case .status: .status
        case .wal: .wal
        case .page: .page
        case .diff: .diff
        case .lag, .lagSet: .lag
        case .partition: .partition
        case .heal: .heal
        case .reconnect: .reconnect
        case .slots: .slots
        case .slotCreate, .slotDrop, .slotUse: .slot
        case .follow: .follow
        case .attach: .attach
        case .detach: .detach
        case .crash: .crash
        case .stop: .stop
        case .restart: .restart
        case .checkpoint: .checkpoint
        case .vacuum: .vacuum
        case .disk: .disk
        case .damage: .damage
        case .promote: .promote
        case .lost: .lost
        case .basebackup: .basebackup
        case .wait: .wait
        case .config, .configSet: .config
        case .connect: .connect
        case .tail: .tail
        case .help: .help
        case .quit: .quit
        }
    }
}

/// A node as a command names it.
public enum NodeReference: Hashable, Sendable, CustomStringConvertible {
    /// The word `primary`: whichever node is the primary when the command runs.
    case primary
    /// A node's own name, such as `r1`.
    case named(String)

    /// The word as typed.
    public var description: String {
        switch self {
        case .primary: "primary"
        case .named(let name): name
        }
    }
}

/// Whose log is read, from where on, and how much of it.
public struct TailRequest: Hashable, Sendable {
    /// The server's name or address.
    public var host = "127.0.0.1"
    /// Its port.
    public var port = 5432
    /// The user to log in as.
    public var user = "postgres"
    /// The first position wanted; nil: the slot's, else the log's end.
    public var start: LSN?
    /// The slot that keeps the log.
    public var slot: String?
    /// So many records; nil: until ^C.
    public var count: Int?

    /// PostgreSQL's own defaults.
    public init() {}
}

/// Of which replica a base backup is wanted, from which node, and how.
public struct BackupRequest: Hashable, Sendable {
    /// The replica to fill.
    public var replica: NodeReference
    /// The node whose files it gets; nil: the primary.
    public var source: NodeReference?
    /// In kB a second; nil: as fast as it goes.
    public var rate: Int?
    /// Whether the command waits for the backup's end.
    public var waits: Bool

    /// A backup of a replica from the primary, as fast as it goes, unless told otherwise.
    public init(
        replica: NodeReference, source: NodeReference? = nil, rate: Int? = nil, waits: Bool = true
    ) {
        self.replica = replica
        self.source = source
        self.rate = rate
        self.waits = waits
    }
}

/// What becomes of the bytes a crashed node's links still hold.
public enum WireFate: String, CaseIterable, Hashable, Sendable {
    /// They are lost with the node: the zone went dark. The default.
    case drop
    /// They arrive: only the node died, the network did not.
    case deliver
}

/// What a power loss leaves of the writes that were not synced.
public enum UnsyncedFate: String, CaseIterable, Hashable, Sendable {
    /// None of them. The default.
    case nothing
    /// All of them.
    case everything
    /// Those before a drawn instant; the one under way then is cut between two sectors.
    case prefix
    /// Each sector of 512 bytes by a draw of its own.
    case sectors
}

/// A cut of a link one way, behind a number of bytes that are still to pass.
public struct LaterCut: Hashable, Sendable {
    /// What travels the way that is cut: `way=feedback`.
    public enum Way: String, CaseIterable, Sendable {
        /// What the upstream sends.
        case wal
        /// What the replica sends.
        case feedback
    }

    /// So many bytes pass first: `after=137`.
    public var byteCount: Int
    /// Which way.
    public var way = Way.wal

    /// As many as can be asked for.
    static let byteCounts = 0...1 << 30

    /// A cut behind so many bytes.
    public init(after byteCount: Int, _ way: Way = .wal) {
        self.byteCount = byteCount
        self.way = way
    }
}

/// How a disk does from now on.
public enum DiskCondition: Hashable, Sendable {
    /// No room for anything new: writes are refused, reads are served.
    case full
    /// Room for so many megabytes more: `room 4`.
    case room(megabytes: Int)
    /// The next fsync fails with EIO.
    case eio
    /// It works. An fsync that has failed is not taken back.
    case ok
}

/// What to damage in the files of a node that is down.
public enum DamageKind: Hashable, Sendable {
    /// The end of the log's last record: `torn`.
    case torn
    /// One bit of the log's byte at a position: `wal 0/1000060`.
    case wal(at: LSN)
    /// One bit of a byte of a page: `page 0 100`.
    case page(block: Int, offset: Int)
}

/// Which records of a node's WAL to list.
public enum WALRange: Hashable, Sendable {
    /// `0/1000060`: the one record that holds this position.
    case record(at: LSN)
    /// `FROM..TO`: records that start at or after `from` and before `upTo`; `nil` leaves an end
    /// open.
    case records(from: LSN?, upTo: LSN?)

    /// Reads `LSN`, `LSN..LSN`, `LSN..` or `..LSN`; `nil` for anything else, also for a range that
    /// ends before it begins.
    public init?(_ text: String) {
        guard let dots = Self.splitAtDots(text) else {
            guard let position = LSN(text) else { return nil }
            self = .record(at: position)
            return
        }
        let from = LSN(dots.from)
        let upTo = LSN(dots.upTo)
        guard from != nil || dots.from.isEmpty, upTo != nil || dots.upTo.isEmpty else { return nil }
        guard from != nil || upTo != nil else { return nil }
        if let from, let upTo, upTo < from { return nil }
        self = .records(from: from, upTo: upTo)
    }

    private static func splitAtDots(_ text: String) -> (from: String, upTo: String)? {
        let bytes = Array(text.utf8)
        guard
            let at = bytes.indices.dropLast().first(where: {
                bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".")
            })
        else { return nil }
        return (
            String(decoding: bytes[..<at], as: UTF8.self),
            String(decoding: bytes[(at + 2)...], as: UTF8.self)
        )
    }
}
