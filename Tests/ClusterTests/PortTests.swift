import Cluster
import Glibc
import Testing

/// What strangers send to a node's port ends their own connection and nothing else.
struct PortTests {
    private static let startup: [UInt8] = frame([0, 3, 0, 0] + Array("user\0me\0\0".utf8))

    private static func frame(_ payload: [UInt8]) -> [UInt8] {
        let length = UInt32(payload.count + 4)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + payload
    }

    static let strangers: [(name: String, bytes: [UInt8])] = [
        ("an HTTP request", Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)),
        (
            "a TLS hello",
            [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3] + [UInt8](repeating: 7, count: 600)
        ),
        ("garbage", (0..<2_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }),
        ("an over-long startup packet", [0x7F, 0xFF, 0xFF, 0xFF, 0, 3, 0, 0]),
        ("an over-long query", startup + [UInt8(ascii: "Q"), 0x7F, 0xFF, 0xFF, 0xFF]),
        ("a message of no known type", startup + [1, 0, 0, 0, 4]),
    ]

    @Test(arguments: 0..<PortTests.strangers.count)
    func `a stranger is shown the door and the lab goes on`(which: Int) throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let (name, bytes) = Self.strangers[which]
        for node in ["p", "r1"] {
            let port = try #require(lab.addresses().first { $0.node == node }?.port)
            #expect(Self.isHungUpOn(sending: bytes, to: port), "\(name)")
        }
        _ = try lab.write("still", "works", on: "p")
        #expect(try lab.read("still", on: "r1").value == "works")
        #expect(lab.snapshot().nodes.allSatisfy { $0.isUp })
    }

    @Test func `an SSL request is answered with N, as by a server without SSL`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let port = try #require(lab.addresses().first?.port)
        let descriptor = ServerTestClient.connected(to: port)
        defer { close(descriptor) }
        _ = Self.send([0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], descriptor)
        var answer: UInt8 = 0
        #expect(recv(descriptor, &answer, 1, 0) == 1)
        #expect(answer == UInt8(ascii: "N"))
    }

    /// Whether the server ends the connection after these bytes, however much it says first.
    private static func isHungUpOn(sending bytes: [UInt8], to port: Int) -> Bool {
        let descriptor = ServerTestClient.connected(to: port)
        defer { close(descriptor) }
        _ = send(bytes, descriptor)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return true }
            // A reset is an end as well: the server had closed with our bytes unread.
            if count < 0 { return errno == ECONNRESET }
        }
    }

    private static func send(_ bytes: [UInt8], _ descriptor: Int32) -> Int {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
