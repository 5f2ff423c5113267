import DatabaseNode
import LabClock
import Network
import Storage
import WALFormat

// A lab in a directory of its own comes back as it was left.
extension Lab {
    /// Writes down how the lab is, if it is kept and has changed. A lab without room for that goes
    /// on; it is written again at the next change.
    func save() {
        guard !directory.isTemporary, !isClosed else { return }
        save { note in onLoop { cluster in cluster.note(note) } }
    }

    /// The last words of clients, in a lab that is as it was noted already.
    func saveLedger() {
        save { $0 }
    }

    private func save(_ change: (LabNote) -> LabNote) {
        let known = directory.note
        appendNews()
        directory.note = change(directory.note)
        if directory.note != known { try? directory.save() }
    }

    private func appendNews() {
        let news = onLoop { cluster in cluster.ledger.takeNews() }
        do throws(IOFailure) {
            try directory.append(news)
        } catch {
            // There is no room for it now: with the next news, then.
            onLoop { cluster in cluster.ledger.putBack(news) }
        }
    }
}

extension LabSnapshot {
    /// The slot that each standby uses.
    var slots: [String: String] { nodes.reduce(into: [:]) { $0[$1.name] = $1.slot } }

    /// Who follows whom.
    var upstreams: [String: String] {
        nodes.reduce(into: [:]) { upstreams, node in
            upstreams[node.name] = node.role.upstream
        }
    }
}

extension Cluster {
    /// What is wrong with a standby's link from now on.
    func setFaults(_ faults: [Link.Way: WireFaults], of name: String) throws(LabFailure) {
        guard !faults.isEmpty else { return }
        let node = try node(name)
        do throws(ListenFailure) {
            let link = try wire(node, to: node.upstream ?? Node.firstPrimary)
            for (way, faults) in faults { link.set(faults, way) }
        } catch {
            throw .cannotListen(node: name, reason: error.description)
        }
    }

    /// Recovery takes a log that has lost its end for one that never went further. The ledger knows
    /// better, if this node has told clients of commits there.
    func tellIfShort(_ name: String, _ end: LSN) {
        guard let node = try? node(name), node.role == .primary, let log = node.seen?.log else {
            return
        }
        let missing = ledger.acknowledged.count { entry, told in
            entry.node == name && told.lsn > end && log.lineage.includes(told.position)
        }
        if missing > 0 { tell(of: name, missing: missing, behind: end) }
    }

    /// How the lab is now, for its note.
    func note(_ before: LabNote) -> LabNote {
        var note = before
        note.clock = now
        note.upstreams = snapshot.upstreams
        note.slots = nodes.reduce(into: [:]) { $0[$1.name] = $1.slotName }
        note.logReach = LogReach(
            sent: nodes.reduce(into: [:]) { if !$1.sent.isEmpty { $0[$1.name] = $1.sent } },
            received: nodes.reduce(into: [:]) { $0[$1.name] = $1.received })
        note.timelines.forks = timelines.forks
        note.timelines.failovers = timelines.failovers
        note.timelines.claimed = timelines.claimed
        note.faults = nodes.reduce(into: [:]) { faults, node in
            guard let link = node.link else { return }
            let ways = [Link.Way.upstream, .downstream].filter { link.faults($0) != .none }
            if !ways.isEmpty {
                faults[node.name] = ways.reduce(into: [:]) { $0[$1] = link.faults($1) }
            }
        }
        note.regions = nodes.reduce(into: [:]) { $0[$1.name] = $1.region }
        note.costs = nodes.reduce(into: [:]) { if $1.costs != .none { $0[$1.name] = $1.costs } }
        note.down = nodes.reduce(into: [:]) { down, node in
            guard case .down(let seen) = node.phase else { return }
            down[node.name] = LabNote.Down(
                why: seen.why, isPrimary: seen.isPrimary,
                log: seen.log.map { ($0.endPosition, seen.commits) })
        }
        return note
    }
}
