import Testing

/// Drivers that nobody here wrote, besides psycopg 3.
enum Drivers {
    static func run(primary: String) throws -> PostgresTools.Outcome {
        let program = try #require(Psycopg.python)
        return try PostgresTools.run(path: program, ["-c", script, primary])
    }

    private static let script = """
        import asyncio, select, sys
        import asyncpg, pg8000.native, psycopg2, psycopg2.extras
        at = dict(host="127.0.0.1", port=int(sys.argv[1]), user="me")
        c = psycopg2.connect(dbname="x", **at)
        k = c.cursor()
        k.execute("INSERT INTO kv VALUES (%s, %s)", ("old", "it's"))
        c.commit()
        k.execute("SELECT value FROM kv WHERE key = %s", ("old",))
        print(k.fetchall())
        c.close()
        Replication = psycopg2.extras.PhysicalReplicationConnection
        c = psycopg2.connect(connection_factory=Replication, **at)
        k = c.cursor()
        k.execute("IDENTIFY_SYSTEM")
        row = k.fetchone()
        k.create_replication_slot("driver")
        k.start_replication(slot_name="driver", start_lsn="0/100000", decode=False)
        end = int(row[2].split("/")[1], 16)
        got = b""
        while 0x100000 + len(got) < end:
            message = k.read_message()
            if message is None:
                select.select([k], [], [])
                continue
            got += message.payload
            k.send_feedback(flush_lsn=message.data_start + len(message.payload))
        print(row[1], got[:2].hex(), 0x100000 + len(got) == end)
        c.close()
        c = pg8000.native.Connection(database="x", **at)
        c.run("INSERT INTO kv VALUES (:k, :v)", k="p8", v="two")
        print(c.run("SELECT value FROM kv WHERE key = 'p8'"))
        print(c.run("SELECT key FROM kv WHERE value = :v", v="two"))
        c.close()
        async def run():
            c = await asyncpg.connect(database="x", ssl=False, **at)
            async with c.transaction():
                await c.execute("INSERT INTO kv VALUES ($1, $2)", "async", "three")
            print(await c.fetchval("SELECT value FROM kv WHERE key = $1", "async"))
            print(await c.fetchval("SELECT count(*) FROM kv"))
            await c.close()
        asyncio.run(run())
        """

    static let expected: [Substring] = [
        "[(\"it's\",)]", "1 10d1 True", "[['two']]", "[['p8']]", "three", "3",
    ]
}
