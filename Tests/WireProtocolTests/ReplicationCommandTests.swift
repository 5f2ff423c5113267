import Testing
import WALFormat

@testable import WireProtocol

struct ReplicationCommandTests {
    static let real: [(String, ReplicationCommand)] = [
        ("IDENTIFY_SYSTEM", .identifySystem),
        ("identify_system ;", .identifySystem),
        ("SHOW data_directory_mode", .showParameter("data_directory_mode")),
        ("SHOW wal_segment_size;", .showParameter("wal_segment_size")),
        ("show \"wal_segment_size\"", .showParameter("wal_segment_size")),
        (
            "CREATE_REPLICATION_SLOT \"s\" PHYSICAL",
            .createPhysicalSlot(name: "s", temporary: false, reserveWAL: false)
        ),
        (
            "CREATE_REPLICATION_SLOT \"pg_basebackup_42\" TEMPORARY PHYSICAL ( RESERVE_WAL)",
            .createPhysicalSlot(name: "pg_basebackup_42", temporary: true, reserveWAL: true)
        ),
        (
            "CREATE_REPLICATION_SLOT S PHYSICAL RESERVE_WAL",
            .createPhysicalSlot(name: "s", temporary: false, reserveWAL: true)
        ),
        (
            "create_replication_slot s physical (reserve_wal false)",
            .createPhysicalSlot(name: "s", temporary: false, reserveWAL: false)
        ),
        ("READ_REPLICATION_SLOT s", .readSlot(name: "s")),
        ("READ_REPLICATION_SLOT \"a\"\"B\"", .readSlot(name: "a\"B")),
        ("DROP_REPLICATION_SLOT \"s\"", .dropSlot(name: "s", wait: false)),
        ("DROP_REPLICATION_SLOT s WAIT;", .dropSlot(name: "s", wait: true)),
        ("TIMELINE_HISTORY 2", .timelineHistory(Timeline(2))),
        (
            "START_REPLICATION 0/1000000 TIMELINE 1",
            .startReplication(slot: nil, at: LSN(0x100_0000), timeline: Timeline(1))
        ),
        (
            "START_REPLICATION SLOT \"r1\" 0/5000000 TIMELINE 2",
            .startReplication(slot: "r1", at: LSN(0x500_0000), timeline: Timeline(2))
        ),
        (
            "START_REPLICATION SLOT r1 PHYSICAL 0/00100000",
            .startReplication(slot: "r1", at: LSN(0x10_0000), timeline: nil)
        ),
        (
            "START_REPLICATION PHYSICAL AB/cdef0123",
            .startReplication(slot: nil, at: LSN(0xAB_CDEF_0123), timeline: nil)
        ),
    ]

    @Test(arguments: real) func `what real clients send is understood`(
        _ text: String, _ command: ReplicationCommand
    ) throws {
        #expect(try ReplicationCommand.parse(text) == command)
        #expect(try ReplicationCommand.parse(command.description) == command)
    }

    /// As captured from pg_receivewal and pg_basebackup.
    @Test(arguments: [
        "SHOW data_directory_mode", "IDENTIFY_SYSTEM", "READ_REPLICATION_SLOT \"s9\"",
        "CREATE_REPLICATION_SLOT \"s9\" PHYSICAL",
        "CREATE_REPLICATION_SLOT \"pg_basebackup_17389\" TEMPORARY PHYSICAL ( RESERVE_WAL)",
        "START_REPLICATION SLOT \"s9\" 0/2000000 TIMELINE 1", "TIMELINE_HISTORY 2",
        "BASE_BACKUP ( LABEL 'x',  PROGRESS,  CHECKPOINT 'fast',  WAIT 0,  MANIFEST 'yes',  "
            + "TARGET 'client')",
    ])
    func `a command prints as PostgreSQL's own tools send it`(_ text: String) throws {
        #expect(try ReplicationCommand.parse(text).description == text)
    }

    @Test func `pg_basebackup's list is understood and printed as it was sent`() throws {
        let text =
            "BASE_BACKUP ( LABEL 'pg_basebackup base backup',  PROGRESS,  WAL,  "
            + "CHECKPOINT 'fast',  WAIT 0,  TABLESPACE_MAP,  MANIFEST 'yes',  TARGET 'client')"
        let command = try ReplicationCommand.parse(text)
        guard case .baseBackup(let options) = command else {
            Issue.record("not a base backup")
            return
        }
        #expect(options.label == "pg_basebackup base backup")
        #expect(options.progress && options.includesWAL && options.fastCheckpoint)
        #expect(!options.wait && options.tablespaceMap && options.manifest == .yes)
        #expect(options.target == "client" && options.manifestChecksums == nil)
        #expect(command.description == text)
        #expect(command.tag == "BASE_BACKUP")
    }

    @Test func `every option of a base backup survives printing`() throws {
        var options = BaseBackupOptions()
        options.label = "it's"
        options.maximumRate = 32
        options.verifyChecksums = false
        options.manifest = .forceEncode
        options.manifestChecksums = .sha256
        options.target = "server"
        options.targetDetail = "/tmp/x"
        options.compression = "gzip"
        options.compressionDetail = "level=9"
        let command = ReplicationCommand.baseBackup(options)
        #expect(try ReplicationCommand.parse(command.description) == command)
        #expect(try ReplicationCommand.parse("BASE_BACKUP") == .baseBackup(BaseBackupOptions()))
    }

    @Test(arguments: [
        "", " ; ", "SELECT 1", "BEGIN", "%", "/* x */ SELECT 1", "'IDENTIFY_SYSTEM'",
        "\"identify_system\"",
    ])
    func `SQL is error 0A000 in a physical WAL sender`(_ text: String) {
        let error = #expect(throws: SQLSyntaxError.self) { try ReplicationCommand.parse(text) }
        #expect(error?.reason == .notReplicationCommand)
        #expect(error?.code == .featureNotSupported)
    }

    @Test(arguments: [
        ("IDENTIFY_SYSTEM ; ;", SQLState.syntaxError), ("IDENTIFY_SYSTEM x", .syntaxError),
        ("IDENTIFY_SYSTEM \"x", .syntaxError), ("SHOW", .syntaxError),
        ("CREATE_REPLICATION_SLOT s", .syntaxError),
        ("CREATE_REPLICATION_SLOT s LOGICAL test", .featureNotSupported),
        ("CREATE_REPLICATION_SLOT s PHYSICAL (RESERVE_WAL, RESERVE_WAL)", .syntaxError),
        ("CREATE_REPLICATION_SLOT s PHYSICAL (FOO)", .syntaxError),
        ("CREATE_REPLICATION_SLOT s PHYSICAL (RESERVE_WAL maybe)", .syntaxError),
        ("CREATE_REPLICATION_SLOT s PHYSICAL (RESERVE_WAL", .syntaxError),
        ("DROP_REPLICATION_SLOT 's'", .syntaxError), ("READ_REPLICATION_SLOT", .syntaxError),
        ("TIMELINE_HISTORY 0", .numericValueOutOfRange), ("TIMELINE_HISTORY x", .syntaxError),
        ("TIMELINE_HISTORY 99999999999", .numericValueOutOfRange),
        ("START_REPLICATION", .syntaxError), ("START_REPLICATION 0/XYZ", .syntaxError),
        ("START_REPLICATION 0", .syntaxError),
        ("START_REPLICATION 123456789/1", .numericValueOutOfRange),
        ("START_REPLICATION 0/1 TIMELINE 0", .numericValueOutOfRange),
        ("START_REPLICATION SLOT s LOGICAL 0/0", .featureNotSupported),
        ("BASE_BACKUP FOO", .syntaxError), ("BASE_BACKUP (FOO)", .syntaxError),
        ("BASE_BACKUP ()", .syntaxError), ("BASE_BACKUP (LABEL)", .syntaxError),
        ("BASE_BACKUP (LABEL 'x', LABEL 'y')", .syntaxError),
        ("BASE_BACKUP (CHECKPOINT 'now')", .syntaxError), ("BASE_BACKUP (WAIT 7)", .syntaxError),
        ("BASE_BACKUP (MAX_RATE 1)", .numericValueOutOfRange),
        ("BASE_BACKUP (MANIFEST 'maybe')", .syntaxError),
        ("BASE_BACKUP (MANIFEST 'yes', MANIFEST_CHECKSUMS 'x')", .syntaxError),
        ("BASE_BACKUP (MANIFEST_CHECKSUMS 'CRC32C')", .syntaxError),
    ])
    func `a wrong command is an error with PostgreSQL's kind of code`(
        _ text: String, _ code: SQLState
    ) {
        let error = #expect(throws: SQLSyntaxError.self) { try ReplicationCommand.parse(text) }
        #expect(error?.code == code)
        #expect(error?.serverError.message.isEmpty == false)
    }

    @Test func `a slot name holds lower case letters, digits and underscores`() {
        #expect(SlotName.error(in: "r1_x") == nil)
        #expect(SlotName.error(in: String(repeating: "a", count: 63)) == nil)
        for name in ["", "R1", "a-b", "a b", "é", String(repeating: "a", count: 64)] {
            #expect(SlotName.error(in: name)?.code == .invalidName)
        }
    }

    @Test(arguments: [
        (ReplicationCommand.identifySystem, "IDENTIFY_SYSTEM"), (.showParameter("x"), "SHOW"),
        (.readSlot(name: "s"), "READ_REPLICATION_SLOT"),
        (.dropSlot(name: "s", wait: false), "DROP_REPLICATION_SLOT"),
        (.timelineHistory(.first), "TIMELINE_HISTORY"),
    ])
    func `a command knows its tag`(_ command: ReplicationCommand, _ tag: String) {
        #expect(command.tag == tag)
    }
}
