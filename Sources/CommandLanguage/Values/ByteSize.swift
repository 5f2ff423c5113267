/// A number of bytes as a command gives it, in PostgreSQL's units: `64kB`, `6MB`, `1GB`, each 1024
/// of the one before; without a unit, bytes.
package enum ByteSize {
    /// Why a word is no size.
    package enum Problem: Error, Hashable, CustomStringConvertible {
        case notANumber
        case negative
        /// There is no such unit; this is the one that was probably meant.
        case unknownUnit(String, meant: String)
        case tooLarge

        /// What is wrong, in a clause.
        package var description: String {
            switch self {
            case .notANumber: "it is not a number of bytes"
            case .negative: "it is negative"
            case .unknownUnit(let unit, let meant): "there is no unit \(unit): \(meant)"
            case .tooLarge: "it is too large"
            }
        }
    }

    private static let units: [(name: String, size: Int)] = [
        ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("B", 1),
    ]

    /// Reads a size.
    package static func parse(_ text: some StringProtocol) throws(Problem) -> Int {
        guard !text.hasPrefix("-") else { throw .negative }
        let digits = text.prefix { $0.isASCIIDigit }
        let unit = String(text.dropFirst(digits.count))
        guard !digits.isEmpty, !unit.contains(where: { $0 == "." || $0.isASCIIDigit }) else {
            throw .notANumber
        }
        guard let size = unit.isEmpty ? 1 : units.first(where: { $0.name == unit })?.size else {
            let letter = unit.asciiLowercased.first
            let meant = units.first { $0.name.asciiLowercased.first == letter }?.name ?? "MB"
            throw .unknownUnit(unit, meant: String(digits) + meant)
        }
        guard let number = Int(digits) else { throw .tooLarge }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: size)
        guard !overflow else { throw .tooLarge }
        return bytes
    }

    /// In the largest unit of which it is a whole number.
    package static func text(_ byteCount: Int) -> String {
        let unit = units.first { byteCount >= $0.size && byteCount % $0.size == 0 } ?? ("B", 1)
        return "\(byteCount / unit.size)\(unit.name)"
    }

    /// In the largest unit that fits, with two decimals: `46.15MB`.
    package static func rounded(_ byteCount: Int) -> String {
        let unit = units.first { byteCount >= $0.size } ?? ("B", 1)
        guard unit.size > 1 else { return "\(byteCount)B" }
        let hundredths = (byteCount * 100 + unit.size / 2) / unit.size
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)\(unit.name)"
    }
}
