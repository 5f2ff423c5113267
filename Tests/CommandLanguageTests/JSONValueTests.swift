import CommandLanguage
import Testing

struct JSONValueTests {
    @Test func `objects keep their order and encode to one line`() {
        let value: JSONValue = [
            "time": "03:00:00.412", "nodes": [["name": "p", "lag": 0, "up": true, "lsn": nil]],
            "empty": .object([]), "none": .array([]),
        ]
        #expect(
            value.encoded
                == #"{"time":"03:00:00.412","nodes":[{"name":"p","lag":0,"up":true,"lsn":null}],"#
                + #""empty":{},"none":[]}"#)
    }

    @Test(arguments: [
        ("\"\\/", #""\"\\/""#), ("\n\r\t\u{8}\u{0}\u{1f}", #""\n\r\t\u0008\u0000\u001f""#),
        ("\u{7f}\u{9b}\u{2028}\u{2029}", #""\u007f\u009b\u2028\u2029""#), ("日本é😀", "\"日本é😀\""),
        ("e\u{301}", "\"e\u{301}\""), ("", "\"\""),
    ])
    func `strings are escaped so that one value is one line`(_ text: String, _ encoded: String) {
        #expect(JSONValue.string(text).encoded == encoded)
    }

    @Test(arguments: [
        (Int64(66_667), 3, "66.667"), (66_600, 3, "66.6"), (66_000, 3, "66"), (5, 3, "0.005"),
        (-5, 3, "-0.005"), (0, 6, "0"), (42, 0, "42"), (Int64.min, 6, "-9223372036854.775808"),
        (7, -1, "7"),
    ])
    func `decimals are exact and without needless zeros`(
        _ digits: Int64, _ scale: Int, _ text: String
    ) {
        #expect(JSONValue.decimal(digits, scale: scale).encoded == text)
    }

    @Test func `whole numbers are exact to the last digit`() {
        #expect(JSONValue.int(.max).encoded == "9223372036854775807")
        #expect(JSONValue.milliseconds(nanoseconds: 66_666_667).encoded == "66.666667")
    }

    @Test func `a reply is its lines or one value a line`() {
        let reply = Reply(lines: ["ok"], json: [["a": 1], ["b": 2]])
        #expect(reply.rendered(asJSON: false) == ["ok"])
        #expect(reply.rendered(asJSON: true) == [#"{"a":1}"#, #"{"b":2}"#])
    }
}
