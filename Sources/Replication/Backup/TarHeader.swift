import WALFormat

/// The 512 bytes before each member of a tar archive (POSIX ustar). PostgreSQL: `tarCreateHeader`.
///
///     0 name 100   100 mode 8   108 uid 8   116 gid 8   124 size 12   136 mtime 12   148 sum 8
///     156 type '0' or '5'   257 "ustar" NUL "00"   265 user 32   297 group 32
///     329 device 8 + 8
///
/// - Numbers are octal with a space behind, or, from 8 GiB on, binary with the top bit set.
/// - The owner is nobody in particular: number 0, called `postgres`.
enum TarHeader {
    static let blockByteCount = 512
    /// Two blocks of zeros end an archive.
    static let trailer = [UInt8](repeating: 0, count: 2 * blockByteCount)
    static let maximumNameByteCount = 99

    /// The name in the archive: a directory's ends with a slash.
    static func name(of file: BackupFile) -> String {
        switch file.kind {
        case .directory: file.path + "/"
        case .file: file.path
        }
    }

    /// The header. Its name has been found to fit.
    static func bytes(of file: BackupFile) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: blockByteCount)
        func put(_ text: some Collection<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { header[offset + index] = byte }
        }
        let isDirectory = file.kind == .directory
        put(name(of: file).utf8.prefix(maximumNameByteCount), at: 0)
        put(number(isDirectory ? 0o700 : 0o600, width: 8), at: 100)
        put(number(0, width: 8), at: 108)
        put(number(0, width: 8), at: 116)
        put(number(UInt64(file.byteCount), width: 12), at: 124)
        put(number(file.modifiedAt.unixSeconds, width: 12), at: 136)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        header[156] = UInt8(ascii: isDirectory ? "5" : "0")
        put("ustar\u{0}00".utf8, at: 257)
        put("postgres".utf8, at: 265)
        put("postgres".utf8, at: 297)
        put(number(0, width: 8), at: 329)
        put(number(0, width: 8), at: 337)
        // The sum is taken with spaces in its own place.
        put(number(header.reduce(0) { $0 + UInt64($1) }, width: 8), at: 148)
        return header
    }

    /// The zeros that fill up a member's last block.
    static func padding(after byteCount: Int) -> [UInt8] {
        let rest = byteCount % blockByteCount
        return [UInt8](repeating: 0, count: rest == 0 ? 0 : blockByteCount - rest)
    }

    /// PostgreSQL: `print_tar_number`.
    static func number(_ value: UInt64, width: Int) -> [UInt8] {
        let fits = (width - 1) * 3 >= 64 || value < UInt64(1) << ((width - 1) * 3)
        var field = [UInt8](repeating: 0, count: width)
        var rest = value
        for index in (0..<width - 1).reversed() {
            let place = fits ? index : index + 1
            field[place] = fits ? UInt8(rest & 7) + UInt8(ascii: "0") : UInt8(rest & 255)
            rest >>= fits ? 3 : 8
        }
        field[fits ? width - 1 : 0] = fits ? UInt8(ascii: " ") : 0x80
        return field
    }
}
