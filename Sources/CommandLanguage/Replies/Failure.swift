package import JSON

/// Why a command did not work, and what to type instead.
///
/// - `message` says what is wrong, in one line, without a full stop.
/// - `advice` is what to type, in one line; `nil` only where nothing typed would help.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let message: String
    /// What to type instead.
    package let advice: String?

    /// Makes a failure.
    package init(_ message: String, advice: String? = nil) {
        self.message = message
        self.advice = advice
    }

    package var description: String { message }

    /// `error: …`, then `try: …`.
    package var lines: [String] {
        ["error: \(message)"] + (advice.map { ["try: \($0)"] } ?? [])
    }

    /// `{"error":{"message":…,"advice":…}}`; `advice` is null when there is none.
    package var json: JSONValue {
        ["error": ["message": .string(message), "advice": .optional(advice)]]
    }

    /// The lines to print: the text, or under `--json` the one object.
    package func rendered(asJSON: Bool) -> [String] {
        asJSON ? [json.encoded] : lines
    }
}
