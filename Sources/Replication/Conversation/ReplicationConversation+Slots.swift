import WALFormat
import WireProtocol

// Replication slots: what the client asks, what the server's table answers.
extension ReplicationConversation {
    mutating func ask(_ request: SlotRequest, for command: ReplicationCommand) -> [Action] {
        phase = .awaitingSlot(command)
        return [.slot(request)]
    }

    /// The slots have answered, and what they changed is durable.
    public mutating func slotAnswered(_ answer: SlotAnswer, server: WALSender.Server) -> [Action] {
        guard case .awaitingSlot(let command) = phase else { return [] }
        phase = .idle
        switch answer {
        case .refused(let error): return refuse(error)
        case .slot(let slot): return reply(Self.reading(slot, server).messages)
        case .done: return slotRequestDone(command, server)
        }
    }

    private mutating func slotRequestDone(
        _ command: ReplicationCommand, _ server: WALSender.Server
    ) -> [Action] {
        switch command {
        case .createPhysicalSlot(let name, let isTemporary, _):
            if isTemporary { mayHoldSlot = true }
            return reply(CreateSlotReply(name: name).messages)
        case .dropSlot:
            return reply(DropSlotReply().messages)
        case .startReplication(let slot, let start, let timeline):
            mayHoldSlot = true
            return startReplication(at: start, timeline, slot: slot, server: server)
        case .identifySystem, .showParameter, .readSlot, .timelineHistory, .baseBackup:
            preconditionFailure("\(command) asks nothing that is just done")
        }
    }

    /// A slot's position is on the timeline that this server's history has there.
    private static func reading(_ slot: ReplicationSlot?, _ server: WALSender.Server)
        -> ReadSlotReply
    {
        guard let slot else { return .absent }
        guard let restart = slot.restartLSN else { return .unreserved }
        let entry = server.history.entries.first { restart < $0.switchpoint }
        return .reserved(restart: restart, timeline: entry?.timeline ?? server.timeline)
    }
}
