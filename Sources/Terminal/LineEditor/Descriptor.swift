import Glibc

/// Reading and writing a file descriptor, the two calls this room needs.
enum Descriptor {
    /// What can be read now, at most `count` bytes; empty at the end, `nil` with `errno` on
    /// failure.
    static func read(_ descriptor: Int32, upTo count: Int) -> [UInt8]? {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { space, initialized in
            result = Glibc.read(descriptor, space.baseAddress, count)
            initialized = max(0, result)
        }
        return result < 0 ? nil : bytes
    }

    /// Writes all bytes; `false` with `errno` when not all could be written.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
