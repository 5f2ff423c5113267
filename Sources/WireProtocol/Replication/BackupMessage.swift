/// What travels inside CopyData during BASE_BACKUP.
public enum BackupMessage: Hashable, Sendable {
    /// `n`: an archive begins: `name\0, tablespace path\0`. The main one is `base.tar` without a
    /// path.
    case archive(name: String, path: String)
    /// `d`: bytes of the archive or of the manifest.
    case data([UInt8])
    /// `p`: this many bytes of tablespaces were read so far.
    case progress(Int64)
    /// `m`: the manifest begins.
    case manifest

    /// Decodes the payload of a CopyData message.
    public init(decoding payload: [UInt8]) throws(FrameError) {
        guard let letter = payload.first else {
            throw .malformedCopyPayload(0, .insufficientData)
        }
        var reader = ByteReader(payload.dropFirst())
        do throws(Malformation) {
            switch Unicode.Scalar(letter) {
            case "n":
                let name = try reader.cString()
                self = .archive(name: name, path: try reader.cString())
            case "d": self = .data(reader.rest())
            case "p": self = .progress(try reader.integer())
            case "m": self = .manifest
            default: throw .undefinedValue(Int(letter))
            }
            try reader.end()
        } catch .undefinedValue {
            throw .unknownCopyPayload(letter)
        } catch {
            throw .malformedCopyPayload(letter, error)
        }
    }

    /// The whole CopyData message; the bytes of `data` are copied once.
    public func framed() -> [UInt8] {
        var writer = FrameWriter(BackendMessage.Kind.copyData.rawValue, capacity: capacity)
        switch self {
        case .archive(let name, let path):
            writer.letter("n")
            writer.cString(name)
            writer.cString(path)
        case .data(let bytes):
            writer.letter("d")
            writer.raw(bytes)
        case .progress(let byteCount):
            writer.letter("p")
            writer.integer(byteCount)
        case .manifest: writer.letter("m")
        }
        return writer.finished()
    }

    private var capacity: Int {
        if case .data(let bytes) = self { bytes.count + 1 } else { 64 }
    }
}
