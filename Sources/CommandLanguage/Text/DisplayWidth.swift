/// How many cells of a terminal a text takes, and how text that a terminal would act on is shown.
///
/// Not `wcwidth`: that one depends on the locale and the C library, and output must be the same
/// everywhere. Not a grapheme segmenter either: it adds up scalars by the rules terminals share.
///
/// - Combining marks and format characters take 0 cells, East Asian wide characters and emoji 2.
/// - In an emoji sequence (joiner, skin tone, variation selector 16) what follows the first takes
///   no more.
/// - Controls count as they are shown by ``escaped(_:)``.
package enum DisplayWidth {
    /// The cells that `text` takes once escaped.
    package static func of(_ text: String) -> Int {
        if isPlainASCII(text) { return text.utf8.count }
        var width = 0
        var previous = 0
        var isJoined = false
        for scalar in text.unicodeScalars {
            let own = needsEscape(scalar) ? escape(scalar).utf8.count : cells(of: scalar)
            if scalar.value == 0xFE0F {
                width += previous == 1 ? 1 : 0
                previous = 2
            } else if own == 2, isJoined || (isSkinTone(scalar) && previous == 2) {
                isJoined = false
                continue
            } else if own > 0 {
                previous = own
            }
            width += own
            isJoined = scalar.value == 0x200D
        }
        return width
    }

    /// `text` with everything a terminal would act on, or not show, written out: `\x1b` for the
    /// escape character, `\x0a` for a line end, `\u{202e}` for a change of direction.
    package static func escaped(_ text: String) -> String {
        if isPlainASCII(text) { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if needsEscape(scalar) {
                shown += escape(scalar)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func isPlainASCII(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        guard scalar.isASCII else { return "\\u{\(hex)}" }
        return "\\x" + (hex.utf8.count == 1 ? "0" : "") + hex
    }

    /// Controls, line separators, changes of direction, invisible characters that no visible text
    /// needs, and noncharacters. The joiners that scripts and emoji need stay.
    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F: true
        case 0xFEFF, 0xFFF9...0xFFFB, 0xFDD0...0xFDEF: true
        case let value: value & 0xFFFE == 0xFFFE
        }
    }

    private static func isSkinTone(_ scalar: Unicode.Scalar) -> Bool {
        (0x1F3FB...0x1F3FF).contains(scalar.value)
    }

    private static func cells(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        if contains(scalar.value, in: zeroWidth) { return 0 }
        return contains(scalar.value, in: doubleWidth) ? 2 : 1
    }

    /// Binary search in a flat list of first, last, first, last …
    private static func contains(_ value: UInt32, in ranges: [UInt32]) -> Bool {
        var low = 0
        var high = ranges.count / 2
        while low < high {
            let middle = (low + high) / 2
            if value > ranges[2 * middle + 1] { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count / 2 && ranges[2 * low] <= value
    }
}

extension String {
    /// The text made safe to print; see ``DisplayWidth/escaped(_:)``.
    package var escapedForDisplay: String { DisplayWidth.escaped(self) }
}
