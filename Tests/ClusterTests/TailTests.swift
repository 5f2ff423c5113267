import Cluster
import DatabaseNode
import Replication
import Testing
import WALFormat
import WireProtocol

/// A server's log read as it grows: the lab's own, and one whose server does as it is told.
struct TailTests {
    private func withLab(replicas: Int = 0, _ body: (Lab) throws -> Void) throws {
        let lab = try watchedLab(LabOptions(replicas: replicas))
        defer { lab.close() }
        try body(lab)
    }

    private func port(_ lab: Lab, _ node: String) throws -> Int {
        try #require(lab.addresses().first { $0.node == node }?.port)
    }

    // MARK: The lab's own nodes

    @Test(arguments: ["p", "r1"])
    func `a node's log is what the node itself holds`(node: String) throws {
        try withLab(replicas: 1) { lab in
            _ = try lab.load(3_000, prefix: "k", on: "p") { _ in .zero }
            let own = try lab.records(of: node)
            let began = lab.now
            let told = tail(lab, try port(lab, node), from: own[0].start, count: own.count)
            #expect(told.end == .success(.counted))
            #expect(told.records.map(\.start) == own.map(\.start))
            #expect(told.records.map(\.end) == own.map(\.end))
            #expect(told.records.map(\.byteCount) == own.map { $0.record.encoded().count })
            #expect(told.records.map(\.xid) == own.map(\.record.xid))
            #expect(
                told.records.map { $0.blocks.map(\.block) }
                    == own.map { $0.record.blocks.map(\.block) })
            #expect(told.positions?.read == own.last?.end)
            #expect(lab.now == began)
            _ = try lab.write("a", "1", on: "p")
        }
    }

    @Test func `from a place inside a record it begins with the next`() throws {
        try withLab { lab in
            _ = try lab.load(200, prefix: "k", byteCount: 3_000, on: "p") { _ in .zero }
            let own = try lab.records(of: "p")
            for index in stride(from: 0, to: own.count - 1, by: 7) {
                let start = own[index].start.advanced(by: 8)
                let told = tail(lab, try port(lab, "p"), from: start, count: 1)
                #expect(told.records.map(\.start) == [own[index + 1].start])
            }
        }
    }

    @Test func `it goes on over a promotion to the next timeline`() throws {
        try withLab(replicas: 1) { lab in
            _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
            _ = try lab.crash("p", deliversWire: false)
            _ = try lab.promote("r1")
            _ = try lab.load(20, prefix: "l", on: "r1") { _ in .zero }
            let own = try lab.records(of: "r1")
            let told = tail(lab, try port(lab, "r1"), from: own[0].start, count: own.count)
            #expect(told.records.map(\.start) == own.map(\.start))
            let switches = told.news.compactMap {
                if case .timeline(let timeline, _) = $0 { timeline } else { nil }
            }
            #expect(switches == [Timeline(2)])
        }
    }

    @Test func `a slot keeps what was not read and lets go of what was`() throws {
        try withLab { lab in
            try lab.createSlot("s", on: "p")
            let port = try port(lab, "p")
            _ = tail(lab, port, from: LSN(0x10_0028), slot: "s", count: 1)
            _ = try lab.load(5, prefix: "k", on: "p") { _ in .zero }
            let told = tail(lab, port, slot: "s", count: 8)
            #expect(told.end == .success(.counted))
            let read = try #require(told.positions?.received)
            #expect(lab.retention().first?.slots.first?.restart == read)
            let missing = tail(lab, port, slot: "none", count: 1)
            #expect(missing.end == .failure(.unfit(.noSuchSlot("none"))))
        }
    }

    @Test func `whoever hears of it can call it off`() throws {
        try withLab { lab in
            let called = tail(lab, try port(lab, "p")) { _ in false }
            #expect(called.end == .success(.cancelled))
            #expect(called.records == [])
        }
    }
}

/// What a tail told, and how it ended.
struct Told {
    var news: [LogTail.News] = []
    var end: Result<LogTail.End, LogTail.Failure>?

    var records: [LogTail.Record] {
        news.compactMap { if case .record(let record) = $0 { record } else { nil } }
    }
    var positions: LogTail.Positions? {
        news.compactMap { if case .positions(let last) = $0 { last } else { nil } }.last
    }
}

func tail(
    _ lab: Lab, _ port: Int, from start: LSN? = nil, slot: String? = nil, count: Int? = nil,
    while goesOn: ([LogTail.News]) -> Bool = { _ in true }
) -> Told {
    var told = Told()
    do throws(LogTail.Failure) {
        let request = LogTail.Request(
            host: "127.0.0.1", port: port, user: "me", start: start, slot: slot, count: count)
        told.end = .success(
            try lab.tail(request) { news in
                told.news += news
                return goesOn(news)
            })
    } catch {
        told.end = .failure(error)
    }
    return told
}
