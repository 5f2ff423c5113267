import LabClock
import Network

// What is wrong with one way of a link, as a line of the note has it:
// `delay=800000000 cut after=40`, in nanoseconds and bytes.
extension WireFaults {
    /// One fault: its word, what stands behind the word, and how that is read.
    private struct Field {
        let name: String
        /// The word's value, empty where it has none; nil: there is no such fault.
        let value: (WireFaults) -> String?
        /// False: that is no value.
        let read: (inout WireFaults, Substring) -> Bool
    }

    private static var fields: [Field] {
        [
            duration("delay", \.delay), duration("jitter", \.jitter),
            count("bandwidth", \.bandwidth, least: 1), count("window", \.window, least: 1),
            flag("cut", \.isCut), count("after", \.cutAfter, least: 0),
            Field(name: "outage", value: { $0.outage?.word }) { faults, word in
                faults.outage = Outage(word: word)
                return faults.outage != nil
            },
            flag("stall", \.isStalled),
        ]
    }

    /// One word a fault, in the order of the table.
    var words: [String] {
        Self.fields.compactMap { field in
            field.value(self).map { $0.isEmpty ? field.name : "\(field.name)=\($0)" }
        }
    }

    /// Reads the words; nil when one is none.
    init?(words: ArraySlice<Substring>) {
        self.init()
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard let field = Self.fields.first(where: { $0.name == parts[0] }),
                field.read(&self, parts.count == 2 ? parts[1] : "")
            else { return nil }
        }
    }

    private static func duration(
        _ name: String, _ path: WritableKeyPath<WireFaults, Duration>
    ) -> Field {
        Field(
            name: name,
            value: { $0[keyPath: path] > .zero ? "\($0[keyPath: path].wholeNanoseconds)" : nil }
        ) { faults, word in
            guard let value = Int64(word), value >= 0 else { return false }
            faults[keyPath: path] = .nanoseconds(value)
            return true
        }
    }

    private static func count(
        _ name: String, _ path: WritableKeyPath<WireFaults, Int?>, least: Int
    ) -> Field {
        Field(name: name, value: { $0[keyPath: path].map(String.init) }) { faults, word in
            guard let value = Int(word), value >= least else { return false }
            faults[keyPath: path] = value
            return true
        }
    }

    private static func flag(
        _ name: String, _ path: WritableKeyPath<WireFaults, Bool>
    ) -> Field {
        Field(name: name, value: { $0[keyPath: path] ? "" : nil }) { faults, word in
            faults[keyPath: path] = true
            return word.isEmpty
        }
    }
}

extension WireFaults.Outage {
    /// `5000000000/2000000000/10000000000`: when it began, for how long, and how often.
    fileprivate var word: String {
        let lengths = [lasting.wholeNanoseconds] + (every.map { [$0.wholeNanoseconds] } ?? [])
        return ([began.nanoseconds] + lengths).map(String.init).joined(separator: "/")
    }

    fileprivate init?(word: Substring) {
        let numbers = word.split(separator: "/").compactMap { Int64($0) }
        guard numbers.count == word.split(separator: "/").count, (2...3).contains(numbers.count),
            numbers[0] >= 0, numbers[1] > 0, numbers.count == 2 || numbers[2] > numbers[1]
        else { return nil }
        self.init(
            began: LabInstant(nanoseconds: numbers[0]), lasting: .nanoseconds(numbers[1]),
            every: numbers.count == 3 ? .nanoseconds(numbers[2]) : nil)
    }
}
