import CommandLanguage
import JSON
import Testing

struct ReplyTests {
    @Test func `a reply is its lines or one value a line`() {
        let reply = Reply(lines: ["ok"], json: [["a": 1], ["b": 2]])
        #expect(reply.rendered(asJSON: false) == ["ok"])
        #expect(reply.rendered(asJSON: true) == [#"{"a":1}"#, #"{"b":2}"#])
    }
}
