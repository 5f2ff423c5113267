import WALFormat

// The note's file: the text, and a last line with the text's checksum, without which nobody could
// tell that a digit in it is another.
extension LabNote {
    /// Why a file is not a note that can be used.
    enum Unreadable: Error, Hashable, CustomStringConvertible {
        /// It is not, to the bit, as it was written.
        case damaged
        /// Another version of Shiplog wrote it.
        case otherVersion

        var description: String {
            switch self {
            case .damaged: "it is not as it was written"
            case .otherVersion: "another version of Shiplog wrote it"
            }
        }
    }

    /// The file's bytes.
    var fileBytes: [UInt8] {
        let text = Array(text.utf8)
        return text + Self.trailer(of: text)
    }

    /// Reads a file.
    init(file bytes: [UInt8]) throws(Unreadable) {
        let text = Array(bytes.dropLast(Self.trailerByteCount))
        guard !text.isEmpty, bytes[text.count...].elementsEqual(Self.trailer(of: text)) else {
            // The first version had no checksum.
            throw bytes.starts(with: "version 1\n".utf8) ? .otherVersion : .damaged
        }
        guard let note = LabNote(String(decoding: text, as: UTF8.self)) else {
            throw .otherVersion
        }
        self = note
    }

    private static let trailerByteCount = 18

    private static func trailer(of text: [UInt8]) -> [UInt8] {
        Array("checksum \(CRC32C.digits(CRC32C.checksum(of: text)))\n".utf8)
    }
}
