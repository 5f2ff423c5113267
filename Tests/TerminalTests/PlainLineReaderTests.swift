import Glibc
import Testing

@testable import Terminal

/// A pipe whose ends are closed with it.
private final class Pipe {
    let reading: Int32
    private var writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        finish()
        close(reading)
    }

    func send(_ bytes: [UInt8]) { Descriptor.write(bytes, to: writing) }
    func send(_ text: String) { send(Array(text.utf8)) }

    func finish() {
        if writing >= 0 { close(writing) }
        writing = -1
    }
}

struct PlainLineReaderTests {
    @Test func `a line is delivered as soon as its end arrived`() throws {
        let pipe = try Pipe()
        var reader = PlainLineReader(descriptor: pipe.reading)
        pipe.send("set a 1\nset b")
        #expect(reader.readLine() == .line("set a 1"))
        pipe.send(" 2\n\n")
        #expect(reader.readLine() == .line("set b 2"))
        #expect(reader.readLine() == .line(""))
        pipe.finish()
        #expect(reader.readLine() == .endOfInput)
        #expect(reader.readLine() == .endOfInput)
    }

    @Test func `carriage returns, a byte order mark and a missing last line end do no harm`() throws
    {
        let pipe = try Pipe()
        pipe.send([0xEF, 0xBB, 0xBF] + Array("status\r\n\u{feff}x\nquit".utf8))
        pipe.finish()
        var reader = PlainLineReader(descriptor: pipe.reading)
        #expect(reader.readLine() == .line("status"))
        #expect(reader.readLine() == .line("\u{feff}x"))
        #expect(reader.readLine() == .line("quit"))
        #expect(reader.readLine() == .endOfInput)
    }

    @Test func `a line that is no UTF-8 is not taken for another`() throws {
        let pipe = try Pipe()
        pipe.send([0x61, 0xFF, 0xC3, 0x0A, 0x62, 0x0A])
        var reader = PlainLineReader(descriptor: pipe.reading)
        #expect(reader.readLine() == .notText)
        #expect(reader.readLine() == .line("b"))
    }

    @Test(arguments: [1, 7, 1000])
    func `a line beyond the limit is skipped and reported, the next one is read`(_ step: Int) throws
    {
        let pipe = try Pipe()
        let text = Array(
            (String(repeating: "x", count: 101) + "\n" + String(repeating: "y", count: 100) + "\n")
                .utf8)
        for start in stride(from: 0, to: text.count, by: step) {
            pipe.send(Array(text[start..<min(start + step, text.count)]))
        }
        pipe.send(String(repeating: "z", count: 101))
        pipe.finish()
        var reader = PlainLineReader(descriptor: pipe.reading, limit: 100)
        #expect(reader.readLine() == .tooLong(limit: 100))
        #expect(reader.readLine() == .line(String(repeating: "y", count: 100)))
        #expect(reader.readLine() == .tooLong(limit: 100))
        #expect(reader.readLine() == .endOfInput)
    }

    @Test func `many short lines come through whole and in order`() throws {
        let pipe = try Pipe()
        var reader = PlainLineReader(descriptor: pipe.reading)
        for round in 0..<50 {
            pipe.send((0..<500).map { "\(round).\($0)\n" }.joined())
            for number in 0..<500 { #expect(reader.readLine() == .line("\(round).\(number)")) }
        }
    }

    @Test func `a descriptor that cannot be read says why`() {
        var reader = PlainLineReader(descriptor: -1)
        #expect(reader.readLine() == .failed(errno: EBADF))
    }
}
