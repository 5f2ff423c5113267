import Testing

@testable import Network

/// Jobs that wait until nothing moves.
struct ThreadJobsTests {
    @Test func `what was put off begins at once at a stillness, the last of it on the loop`() {
        let jobs = ThreadJobs()
        var begun: [String] = []
        var delays = 0
        jobs.onDelay = { delays += 1 }
        for name in ["p", "r1", "r2"] {
            jobs.begin()
            jobs.putOff { onLoop in begun.append("\(name) \(onLoop ? "on the loop" : "elsewhere")")
            }
        }
        #expect(begun.isEmpty)
        #expect(delays == 3)
        #expect(!jobs.isIdle && !jobs.isComplete)
        jobs.beginPutOff()
        #expect(begun == ["p elsewhere", "r1 elsewhere", "r2 on the loop"])
        jobs.beginPutOff()
        #expect(begun.count == 3)
    }

    @Test func `what a beginning puts off waits for the next stillness`() {
        let jobs = ThreadJobs()
        var begun = 0
        jobs.putOff { _ in
            jobs.putOff { _ in begun += 1 }
        }
        jobs.beginPutOff()
        #expect(begun == 0)
        jobs.beginPutOff()
        #expect(begun == 1)
    }
}
