import Cluster
import CommandLanguage
import Foundation
import Session
import Testing

/// `config auth`, `config password` and what `connect` makes of them.
struct SecurityVerbTests {
    private static let how = "try: swift run -c release --traits Security shiplog, "

    @Test(.enabled(if: !Lab.hasSecurity, "built with the trait Security"))
    func `a build without the trait says how to build one that has it`() throws {
        try withSession { session in
            for line in ["config auth scram", "config password secret"] {
                let lines = session.say(line)
                #expect(lines.first == "error: this build has no SCRAM-SHA-256")
                #expect(lines.last?.hasPrefix(Self.how) == true)
            }
            #expect(session.say("config auth trust").first?.hasPrefix("auth is trust") == true)
            #expect(session.say("config auth")[1].hasPrefix("auth  trust"))
        }
    }

    @Test(.enabled(if: !Lab.hasSecurity, "built with the trait Security"))
    func `a lab that is to speak TLS does not start without the trait`() {
        let files = LabOptions.TLSFiles(certificate: "a", key: "b")
        #expect(throws: LabFailure.needsSecurity(.tls)) {
            try Lab(LabOptions(replicas: 0, tls: files)).close()
        }
        #expect(
            Session.explain(.needsSecurity(.tls)).first == "error: this build has no TLS")
    }

    @Test func `what cannot be set is refused, with what can be`() throws {
        try withSession { session in
            #expect(
                session.say("config auth md5") == [
                    "error: auth cannot be md5",
                    "try: config auth trust, or config auth scram",
                ])
            #expect(
                session.say("config password ''").first
                    == "error: a password is of 1 to 128 printable ASCII characters")
            #expect(session.say("config password passwörd").count == 2)
            #expect(
                session.say("config authentication_timeout 11m").first
                    == "error: 660 s is outside the valid range (1 .. 600 s)")
            #expect(
                session.say("config authentication_timeout 0").first
                    == "error: 0 s is outside the valid range (1 .. 600 s)")
            #expect(
                session.say("config authentication_timeout 5s").first
                    == "authentication_timeout is 5s of real time, for whoever connects next")
        }
    }

    @Test func `connect gives libpq a string for each node that is up`() throws {
        try withSession { session in
            let (port, string) = try #require(Self.connection(session, of: "p"))
            #expect(string == "host=127.0.0.1 port=\(port) user=postgres dbname=postgres")
            session.say("crash r2")
            #expect(session.say("connect").last?.hasSuffix("-  -") == true)
            #expect(session.run("connect --json").lines[0].hasSuffix(#""connection":null}]}"#))
        }
    }

    @Test(.enabled(if: Lab.hasSecurity, "built without the trait Security"))
    func `a password is made up, shown by connect alone, and can be changed`() throws {
        try withSession { session in
            #expect(session.say("config password")[1].hasPrefix("password  none"))
            session.say("config auth scram")
            let made = try #require(Self.connection(session, of: "r1")?.string)
            let word = try #require(made.components(separatedBy: "password=").last)
            #expect(word.count == 20)
            #expect(!session.say("config", "config password").joined().contains(word))
            // Quoted as libpq wants it.
            let reply = session.run(#"config password "it's \\ me" --json"#).lines
            #expect(reply == [#"{"name":"password","value":"********"}"#])
            let changed = try #require(Self.connection(session, of: "r1")?.string)
            #expect(changed.hasSuffix(#" password='it\'s \\ me'"#))
            session.say("config auth trust")
            #expect(Self.connection(session, of: "r1")?.string.contains("password") == false)
        }
        // Another lab makes up another one.
        let words = try (0..<2).map { _ in
            try withSession { session in
                session.say("config auth scram")
                return Self.connection(session, of: "p")?.string.suffix(20)
            }
        }
        #expect(words[0] != words[1])
    }

    /// A node's row of `connect`.
    private static func connection(
        _ session: Session, of node: String
    ) -> (port: Substring, string: String)? {
        let words = session.say("connect").first { $0.hasPrefix("\(node) ") }?
            .split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
        guard let words, words.count == 4 else { return nil }
        return (words[2], words[3].trimmingPrefix { $0 == " " }.description)
    }
}
