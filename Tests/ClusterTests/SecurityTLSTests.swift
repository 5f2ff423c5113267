import Foundation
import Network
import SQLServer
import TestSupport
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// What a node that has a certificate does with those who begin to encrypt and do not go through
/// with it. Those who do are PostgreSQL's own programs, in `SecurityProgramTests`.
@Suite(.enabled(if: TestCertificate.isWanted, "no trait Security, or no openssl"))
struct SecurityTLSTests {
    private let certificate: TestCertificate
    private let lab: Lab

    init() throws {
        certificate = try TestCertificate()
        lab = try watchedLab(LabOptions(replicas: 1, tls: certificate.files))
    }

    private func expectThatTheLabGoesOn() throws {
        _ = try lab.write("still", "works", on: "p")
        #expect(try lab.read("still", on: "r1").value == "works")
        #expect(try ServerTestClient(lab).query("SELECT 1").first == .row(["1"]))
    }

    /// A connection that was told to begin its handshake.
    private func atHandshake() throws -> ServerTestClient {
        let client = try ServerTestClient(lab, startsUp: false)
        client.send(.sslRequest)
        #expect(client.read() == [EncryptionAnswer.tls.rawValue])
        return client
    }

    @Test func `what came in the clear behind the request is refused`() throws {
        defer { lab.close() }
        let client = try ServerTestClient(lab, startsUp: false)
        client.send(.sslRequest, .startup(StartupMessage(user: "me")))
        #expect(client.readUntilReady() == [.error("!08P01")])
        #expect(client.isHungUpOn)
        try expectThatTheLabGoesOn()
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n\r\n".utf8), FrontendMessage.startup(.init(user: "me")).encoded(),
        [UInt8](repeating: 0, count: 1 << 17), [0x16, 3, 1, 0x40, 0, 1, 0, 0x3F, 0xFC, 3, 3],
    ])
    func `a handshake that fails or stops halfway ends one connection`(_ bytes: [UInt8]) throws {
        defer { lab.close() }
        let client = try atHandshake()
        client.sendWhatFits(bytes)
        client.finishSending()
        // At the most an alert.
        #expect(client.bytesUntilEnd().count < 64)
        #expect(client.isHungUpOn)
        try expectThatTheLabGoesOn()
    }

    @Test func `a handshake that never ends is ended by time, by a crash and by a stop`() throws {
        defer { lab.close() }
        let crashed = try atHandshake()
        _ = try lab.crash("p", deliversWire: false)
        #expect(crashed.bytesUntilEnd().isEmpty)
        _ = try lab.restart("p")
        let stopped = try atHandshake()
        _ = try lab.stop("p")
        #expect(stopped.bytesUntilEnd().isEmpty)
        _ = try lab.restart("p")
        lab.set(.authenticationTimeout, to: .seconds(1))
        #expect(try atHandshake().bytesUntilEnd().isEmpty)
        #expect(lab.wait(.seconds(10)))
        try expectThatTheLabGoesOn()
        lab.set(.authenticationTimeout, to: .seconds(600))
        let last = try atHandshake()
        lab.close()
        #expect(last.bytesUntilEnd().isEmpty)
    }

    @Test func `a link's own port lets nobody in, encrypted or not`() throws {
        defer { lab.close() }
        let port = try lab.onLoop { cluster throws(LabFailure) in
            try cluster.link(of: "r1").port
        }
        let client = ServerTestClient(port: port)
        client.send(.sslRequest)
        #expect(client.read() == nil)
        try expectThatTheLabGoesOn()
    }

    @Test func `files that are no certificate or no key are named`() throws {
        defer { lab.close() }
        let other = try TestCertificate()
        let (good, key) = (certificate.files.certificate, certificate.files.key)
        let none = good + "-none"
        let cases = [
            (none, key, none, "No such file or directory"),
            (good, none, none, "No such file or directory"),
            (key, key, key, "no certificate in PEM form"),
            (good, good, good, "no private key in PEM form without a passphrase"),
            (good, other.files.key, other.files.key, "not the key of the certificate in \(good)"),
        ]
        for (certificate, key, culprit, reason) in cases {
            let files = LabOptions.TLSFiles(certificate: certificate, key: key)
            #expect(throws: LabFailure.unusableTLSFile(path: culprit, reason: reason)) {
                try watchedLab(LabOptions(replicas: 0, tls: files)).close()
            }
        }
    }
}

/// A certificate for 127.0.0.1 that goes with the test.
final class TestCertificate {
    let files: LabOptions.TLSFiles
    private let folder: TemporaryFolder

    private static let openssl = "/usr/bin/openssl"

    static var isWanted: Bool {
        Lab.hasSecurity
            && (FileManager.default.isExecutableFile(atPath: openssl)
                || ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1")
    }

    init() throws {
        folder = try TemporaryFolder()
        files = LabOptions.TLSFiles(
            certificate: folder.path + "/server.crt", key: folder.path + "/server.key")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=shiplog", "-addext", "subjectAltName=IP:127.0.0.1",
            "-out", files.certificate, "-keyout", files.key,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
