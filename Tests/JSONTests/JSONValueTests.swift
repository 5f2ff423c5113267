import JSON
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

    @Test(arguments: [
        "", "{", "[1,", "{\"a\":1,\"a\":2}", "\"\\u12\"", "\"\\uD800\"", "\"\\uD800\\u0041\"",
        "\"\\u+123\"", "nul", "-", "01", "1.", ".5", "1e3", "99999999999999999999",
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100), "{\"a\"}",
        "\"a\nb\"", "[1]x", "[1,]",
    ])
    func `a text that is no JSON, or none that is read`(_ text: String) {
        #expect(JSONValue(decoding: Array(text.utf8)) == nil)
    }

    @Test func `a text that is JSON`() {
        let text = #" {"a\n\u0041\"" : [ -1, true, null, {} , 0, -0.50 , "\uD83D\uDE00" ] } "#
        #expect(
            JSONValue(decoding: Array(text.utf8)) == [
                "a\nA\"": [
                    -1, true, nil, .object([]), 0, .decimal(-50, scale: 2), "\u{1F600}",
                ]
            ])
    }

    @Test func `what is written is read back`() {
        let value: JSONValue = [
            "a": ["b": [1, -2, nil, true, "\u{0}\u{2028}\"\\\u{1F600}"]], "": [], "n": .int(.min),
            "half": .decimal(-5, scale: 1),
        ]
        #expect(JSONValue(decoding: Array(value.encoded.utf8)) == value)
        #expect(value["a"]?["b"]?.array?.first?.int == 1)
        #expect(value["half"]?.int == nil)
    }
}
