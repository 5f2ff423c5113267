internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// Carries out one command. Each has a file of its own in `Commands`.
    func reply(to command: Command) throws(Failure) -> Reply {
        switch command {
        case .set(let node, let key, let value): try set(node, key: key, value: value)
        case .get(let node, let key): try get(node, key: key)
        case .delete(let node, let key): try delete(node, key: key)
        case .load(let count, let every, let prefix, let byteCount):
            try load(count, every, prefix: prefix, byteCount: byteCount)
        case .begin(let node): try begin(node)
        case .commit: try commit()
        case .rollback: try rollback()
        case .status: status()
        case .wal(let node, let range, let raw): try wal(node, range, raw: raw)
        case .page(let node, let block): try page(node, block)
        case .diff(let first, let second): try diff(first, second)
        case .lag: lag()
        case .lagSet(let node, let delay): try lagSet(node, delay)
        case .partition(let node, let cut): try partition(node, cut)
        case .heal(let node): try heal(node)
        case .reconnect(let node): try reconnect(node)
        case .slots: slots()
        case .slotCreate(let name, let node): try slotCreate(name, node)
        case .slotDrop(let name, let node): try slotDrop(name, node)
        case .slotUse(let name, let node): try slotUse(name, node)
        case .follow(let node, let upstream): try follow(node, upstream)
        case .attach(let name): try attach(name)
        case .detach(let name): try detach(name)
        case .crash(let node, let wire, let disk): try crash(node, wire, disk)
        case .stop(let node): try stop(node)
        case .restart(let node): try restart(node)
        case .checkpoint(let node): try checkpoint(node)
        case .vacuum(let node): try vacuum(node)
        case .disk(let node, let condition): try disk(node, condition)
        case .damage(let node, let kind): try damage(node, kind)
        case .promote(let node): try promote(node)
        case .lost: try lost()
        case .basebackup(let request): try basebackup(request)
        case .wait(let duration): try wait(duration)
        case .config(let name): try config(name)
        case .configSet(let name, let value): try configSet(name, value)
        case .connect: connect()
        case .tail(let request): try tail(request)
        case .help(let topic): Reply(lines: Help.lines(topic), json: Help.json(topic))
        case .quit: Reply(json: [["quit": true]])
        }
    }

    /// Asks something of the lab for a command; what the lab cannot do becomes advice on what to
    /// type instead.
    func ask<Answer>(
        _ command: Command, _ question: () throws(LabFailure) -> Answer
    ) throws(Failure) -> Answer {
        do throws(LabFailure) { return try question() } catch {
            let now = look()
            if case .server(let node, _) = error, node == now.transaction {
                memory.transactionFailed()
            }
            throw FailureText(now, memory, command).failure(error)
        }
    }

    /// What follows a state-changing command's own sentences: a transaction that is gone, what
    /// happened meanwhile, the rows that changed, who is behind, and what the primary's death would
    /// cost now.
    func consequences(
        since before: Standing, without isSaid: (LabEvent) -> Bool = { _ in false }
    ) -> [String] {
        let now = look()
        return now.lostTransaction(since: before) + events(in: now, without: isSaid)
            + StatusTable(now.snapshot, since: before.snapshot).lines
            + now.lagLines + now.warnings + [now.riskLine]
    }

    /// What happened since it was last told, but for what the reply says itself.
    func events(without isSaid: (LabEvent) -> Bool = { _ in false }) -> [String] {
        events(in: look(), without: isSaid)
    }

    /// The same, up to the last look.
    func events(
        in now: Standing, without isSaid: (LabEvent) -> Bool = { _ in false }
    ) -> [String] {
        let happened = untold.filter { !isSaid($0) }
        untold = []
        return EventText.lines(happened, in: now.snapshot)
    }

    /// Leaves out of what is told next what a failure says itself.
    func skipEvents(_ isSaid: (LabEvent) -> Bool) {
        _ = look()
        untold.removeAll(where: isSaid)
    }
}
