/// A JSON value whose objects keep their members in the order given and whose numbers are exact.
///
/// No binary floating point: a fraction is a ``decimal(_:scale:)``, and what a number's exponent
/// would say is not read.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// `digits` divided by ten to the `scale`: `.decimal(66_667, scale: 3)` is written `66.667`.
    case decimal(Int64, scale: Int)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// A string, or null when there is none.
    package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    /// An object of these members, in this order.
    package static func members(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONMember($0.0, $0.1) })
    }

    /// A length of time in milliseconds, exact: 66,666,667 ns is `66.666667`.
    package static func milliseconds(nanoseconds: Int64) -> JSONValue {
        .decimal(nanoseconds, scale: 6)
    }
}

/// One `"name": value` of an object.
package struct JSONMember: Hashable, Sendable {
    /// The member's name; unique in its object by the maker's care.
    package let name: String
    package let value: JSONValue

    /// Makes a member.
    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    /// `["name": "p"]` is an object; its members stay in this order.
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { JSONMember($0.0, $0.1) })
    }
    /// `[1, 2]` is an array.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// `"p"` is a string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// `7` is a number.
    package init(integerLiteral value: Int) { self = .int(value) }
    /// `true` is a boolean.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// `nil` is null.
    package init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    /// The member of an object by this name; nil of any other value.
    package subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self {
            members.first { $0.name == name }?.value
        } else {
            nil
        }
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var int: Int? { if case .int(let number) = self { number } else { nil } }
    package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
}
