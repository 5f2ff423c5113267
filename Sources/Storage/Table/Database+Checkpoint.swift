internal import TableFormat
public import WALFormat

/// Checkpoints, the end of recovery, promotion, clean stop.
extension Database {
    /// Takes an online checkpoint: writes its record and says what has to reach the disk. Order of
    /// the jobs: `.appendWAL` of `takeWAL()`, then `.checkpoint` of the plan. PostgreSQL:
    /// CreateCheckPoint; between the redo point and the record lies only what tells hot standbys
    /// which transactions are open.
    ///
    /// Traps on a standby, which takes restartpoints.
    public mutating func checkpoint(at time: PostgresTime) -> CheckpointPlan {
        writeCheckpoint(at: time, shutdown: false)
        return plan(.inProduction)
    }

    /// The plan of a clean stop; the same order of jobs. A primary writes a shutdown checkpoint,
    /// and its open transactions are lost; a standby writes nothing and takes a restartpoint if it
    /// can.
    public mutating func shutdown(at time: PostgresTime) -> CheckpointPlan {
        guard isReadOnly else {
            writeCheckpoint(at: time, shutdown: true)
            return plan(.shutDown)
        }
        if var plan = restartpoint() {
            plan.control.state = .shutDownInRecovery
            return plan
        }
        // The log says the rest, and must be there up to here.
        checkpoints.minimumRecovery = insertLSN
        vouchForFiles()
        return CheckpointPlan(
            pages: [], commitLogPages: [], logEnd: insertLSN,
            control: controlData(.shutDownInRecovery))
    }

    /// A standby's checkpoint: the pages as they are now, and control data that point at the last
    /// checkpoint replayed. Nil when none was replayed since the last time, and that one is on disk
    /// (`checkpointIsOnDisk`): what the disk has refused is wanted still. PostgreSQL:
    /// CreateRestartPoint. The log replayed so far must be durable (it is: replay comes after
    /// flush).
    public mutating func restartpoint() -> CheckpointPlan? {
        guard isReadOnly else { return nil }
        if let replayed = checkpoints.replayed, replayed.start > checkpoints.last.start {
            checkpoints.last = replayed
        } else if checkpoints.lastIsOnDisk {
            return nil
        }
        checkpoints.minimumRecovery = insertLSN
        return plan(.inArchiveRecovery)
    }

    /// The disk has carried out a plan, and what those before it had promised.
    public mutating func checkpointIsOnDisk(_ plan: CheckpointPlan) {
        if plan.control.checkpoint == checkpoints.last.start { checkpoints.lastIsOnDisk = true }
    }

    /// Turns a standby into a primary on a new timeline that leaves the old one at the end of what
    /// was replayed, and writes the end-of-recovery record there. Answers the switch point.
    ///
    /// Order of the jobs: `.beginTimeline` with the old history and one more entry (the log's
    /// timeline before this call, switch point, reason), and `.leaveRecovery`; then this call,
    /// `.appendWAL` of `takeWAL()`, and soon after a checkpoint.
    @discardableResult
    public mutating func promote(to newTimeline: Timeline, at time: PostgresTime) -> LSN {
        precondition(isReadOnly, "only a standby can be promoted")
        let fork = insertLSN
        let old = timeline
        startWriting(on: newTimeline)
        let inserted = withWriting { writing in
            writing.fork = fork
            return writing.log.insert(
                WALRecord(
                    body: .endOfRecovery(
                        time: time, timeline: newTimeline, previousTimeline: old)))
        }
        checkpoints.minimumRecovery = inserted.end
        return fork
    }

    /// Replay is over: the index can be read off the pages, and kept from now on.
    mutating func finishRecovery() {
        index = rebuiltIndex()
        tracksIndex = true
    }

    /// From here on this database writes. Whoever was in the middle of a transaction is gone.
    mutating func startWriting(on newTimeline: Timeline) {
        let log = WALInserter(
            systemIdentifier: systemIdentifier, timeline: newTimeline, segmentSize: segmentSize,
            at: insertLSN, previous: lastRecordStart)
        timeline = newTimeline
        transactions.oldestActive = max(transactions.oldestActive, transactions.next)
        index.abort(before: transactions.next)
        role = .writing(Writing(log: log))
        room = FreeSpaceMap()
        for (block, page) in pages.enumerated() {
            room.note(UInt32(truncatingIfNeeded: block), page.freeSpace)
        }
        room.target = pages.indices.last.map(UInt32.init)
    }

    /// Writes a checkpoint record. A shutdown checkpoint's redo point is itself; an online one's
    /// is the record before it, of the transactions that are open. PostgreSQL: LogStandbySnapshot.
    mutating func writeCheckpoint(at time: PostgresTime, shutdown: Bool) {
        let size = segmentSize
        let next = transactions.next
        // The counters that the lab has no use for go on as its first checkpoint had them.
        var content = checkpoints.last.content
        content.timeline = timeline
        content.previousTimeline = timeline
        content.fullPageWrites = fullPageWrites
        content.nextXID = UInt64(next.rawValue)
        content.time = time.unixSeconds
        checkpoints.last = withWriting { [content] writing in
            var content = content
            content.redo = writing.log.nextRecordStart(size)
            content.oldestActiveXID = shutdown ? .invalid : writing.open.min() ?? next
            if !shutdown {
                writing.log.insert(WALRecord(RunningTransactions(writing.open, next: next)))
            }
            let body = RecordBody.checkpoint(content, shutdown: shutdown)
            let inserted = writing.log.insert(WALRecord(body: body))
            return CheckpointRecord(start: inserted.start, content: content)
        }
        checkpoints.minimumRecovery = .invalid
    }

    mutating func plan(_ state: ControlData.State) -> CheckpointPlan {
        let writes = dirtyBlocks.sorted().map { PageWrite(block: $0, bytes: pages[Int($0)].bytes) }
        dirtyBlocks = []
        let ended = transactions.dirtyPages.sorted().map {
            PageWrite(block: $0, bytes: transactions.log.bytes(ofPage: $0))
        }
        vouchForFiles()
        transactions.dirtyPages = []
        checkpoints.lastIsOnDisk = false
        return CheckpointPlan(
            pages: writes, commitLogPages: ended, logEnd: insertLSN, control: controlData(state))
    }
    /// From now on the control data say of the files what is true when the log ends here.
    private mutating func vouchForFiles() {
        for page in transactions.dirtyPages {
            transactions.checksum.update(page, of: transactions.log)
        }
        checkpoints.files = CheckpointedFiles(
            position: insertLSN, pageCount: UInt32(truncatingIfNeeded: pages.count),
            commitLogChecksum: transactions.checksum.value)
    }
}
