import Replication
import Testing
import WALFormat

struct PromotionTests {
    private let end = LSN(0x10_0200)
    private let parent = Promotion.Parent(
        timeline: .first, history: TimelineHistory(), end: LSN(0x10_0200))

    private func new(_ number: UInt32 = 2) -> Promotion.NewTimeline {
        Promotion.NewTimeline(
            timeline: Timeline(number), parent: .first, switchpoint: end,
            history: TimelineHistory().appending(
                timeline: .first, switchpoint: end, reason: Promotion.reason))
    }

    @Test func `a promotion goes from step to step, each when the one before is durable`() {
        var promotion = Promotion(after: .first)
        #expect(promotion.begin() == [.stopReceiving])
        #expect(promotion.replayed(parent) == [.lookForHistory(Timeline(2))])
        #expect(promotion.historyLooked(.absent) == [.beginTimeline(new())])
        #expect(promotion.timelineBegun(.done) == [.leaveRecovery])
        #expect(promotion.recoveryLeft(.done) == [.writeEndOfRecovery(new())])
        #expect(promotion.endOfRecoveryWritten(.done) == [.announce, .takeCheckpoint])
        #expect(!promotion.isOver)
        #expect(promotion.checkpointTaken(.done) == [])
        #expect(promotion.phase == .promoted(new()))
    }

    @Test func `a number whose history is there, readable or not, is taken`() {
        var promotion = Promotion(after: .first)
        _ = promotion.replayed(parent)
        #expect(promotion.historyLooked(.present) == [.lookForHistory(Timeline(3))])
        #expect(promotion.historyLooked(.absent) == [.beginTimeline(new(3))])
    }

    @Test func `the new timeline is later than any that somebody has begun`() {
        var promotion = Promotion(after: Timeline(6))
        #expect(promotion.replayed(parent) == [.lookForHistory(Timeline(7))])
    }

    @Test func `a history that came without its WAL is in the new one's`() {
        let two = Promotion.Parent(
            timeline: Timeline(2),
            history: TimelineHistory().appending(timeline: .first, switchpoint: end, reason: ""),
            end: end)
        var promotion = Promotion(after: Timeline(2))
        _ = promotion.replayed(two)
        guard case .beginTimeline(let new)? = promotion.historyLooked(.absent).first else {
            Issue.record("no timeline is begun")
            return
        }
        #expect(new.history.entries.map(\.timeline) == [.first, Timeline(2)])
        #expect(new.parent == Timeline(2))
    }

    @Test func `there is no timeline after the last one`() {
        var promotion = Promotion(after: Timeline(.max))
        #expect(promotion.replayed(parent) == [.resumeReceiving])
        #expect(failure(promotion)?.standing == .standby(.first))
    }

    @Test func `a disk that cannot say whether a number is free ends it, and nothing has changed`()
    {
        var promotion = Promotion(after: .first)
        _ = promotion.replayed(parent)
        #expect(promotion.historyLooked(.unknown("EIO")) == [.resumeReceiving])
        #expect(
            failure(promotion)
                == .init(step: .chooseTimeline, reason: "EIO", standing: .standby(.first)))
    }

    @Test func `a full disk takes the new timeline back, and the node is a standby as before`() {
        var promotion = at(.beginTimeline)
        #expect(promotion.timelineBegun(.full("no room")) == [.abandonTimeline(new())])
        #expect(!promotion.isOver)
        #expect(promotion.timelineAbandoned(.done) == [.resumeReceiving])
        #expect(
            failure(promotion)
                == .init(step: .beginTimeline, reason: "no room", standing: .standby(.first)))
    }

    @Test(arguments: [DiskAnswer.full("said"), .failed("said")])
    func `what stays of a timeline that cannot be taken back is the next start's to remove`(
        answer: DiskAnswer
    ) {
        var promotion = at(.beginTimeline)
        _ = promotion.timelineBegun(.full("no room"))
        #expect(promotion.timelineAbandoned(answer) == [])
        #expect(
            failure(promotion)
                == .init(
                    step: .abandonTimeline, reason: "said",
                    standing: .failed(old: .first, new: nil)))
    }

    @Test func `a disk that fails before the signal goes leaves a standby for the next start`() {
        var promotion = at(.beginTimeline)
        #expect(promotion.timelineBegun(.failed("EIO")) == [])
        #expect(failure(promotion)?.standing == .failed(old: .first, new: nil))
        var waiting = Promotion(after: .first)
        #expect(waiting.replayFailed("EIO", on: .first) == [])
        #expect(failure(waiting)?.step == .replay)
    }

    @Test(arguments: [DiskAnswer.full("said"), .failed("said")])
    func `a signal that may be gone or not is said to be that`(answer: DiskAnswer) {
        var promotion = at(.leaveRecovery)
        #expect(promotion.recoveryLeft(answer) == [])
        #expect(failure(promotion)?.standing == .failed(old: .first, new: Timeline(2)))
    }

    @Test(arguments: [DiskAnswer.full("said"), .failed("said")])
    func `behind the signal the node is a primary, whatever the disk says`(answer: DiskAnswer) {
        var promotion = at(.endOfRecovery)
        #expect(promotion.endOfRecoveryWritten(answer) == [])
        #expect(failure(promotion)?.standing == .primary(Timeline(2)))
    }

    @Test func `a checkpoint without room is left to the next, one that fails is not`() {
        var full = at(.checkpoint)
        #expect(full.checkpointTaken(.full("no room")) == [])
        #expect(full.phase == .promoted(new()))
        var failed = at(.checkpoint)
        #expect(failed.checkpointTaken(.failed("EIO")) == [])
        #expect(failure(failed)?.standing == .primary(Timeline(2)))
    }

    @Test func `an answer that nobody waits for changes nothing`() {
        for step in [Promotion.Step.beginTimeline, .leaveRecovery, .endOfRecovery, .checkpoint] {
            var promotion = at(step)
            let before = promotion
            if step != .beginTimeline { _ = promotion.timelineBegun(.failed("")) }
            if step != .leaveRecovery { _ = promotion.recoveryLeft(.failed("")) }
            if step != .endOfRecovery { _ = promotion.endOfRecoveryWritten(.failed("")) }
            if step != .checkpoint { _ = promotion.checkpointTaken(.failed("")) }
            _ = promotion.historyLooked(.present)
            _ = promotion.timelineAbandoned(.done)
            _ = promotion.replayed(parent)
            _ = promotion.replayFailed("", on: .first)
            #expect(promotion == before)
        }
    }

    /// A promotion that waits for the answer to this step.
    private func at(_ step: Promotion.Step) -> Promotion {
        var promotion = Promotion(after: .first)
        _ = promotion.replayed(parent)
        _ = promotion.historyLooked(.absent)
        if step == .beginTimeline { return promotion }
        _ = promotion.timelineBegun(.done)
        if step == .leaveRecovery { return promotion }
        _ = promotion.recoveryLeft(.done)
        if step == .endOfRecovery { return promotion }
        _ = promotion.endOfRecoveryWritten(.done)
        return promotion
    }

    private func failure(_ promotion: Promotion) -> Promotion.Failure? {
        guard case .failed(let failure) = promotion.phase else { return nil }
        return failure
    }
}
