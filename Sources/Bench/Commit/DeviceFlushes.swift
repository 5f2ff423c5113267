internal import Glibc

/// How often a disk was told to flush its cache, as Linux counts it: once an fdatasync, whoever
/// called it. So on a machine with other work it counts too much.
struct DeviceFlushes {
    private let major: UInt32
    private let minor: UInt32

    /// The disk that a folder lies on.
    init(of folder: String) throws(BenchFailure) {
        var status = stat()
        try checked("stat \(folder)", stat(folder, &status))
        let device = UInt(status.st_dev)
        major = UInt32(device >> 8 & 0xFFF)
        minor = UInt32(device & 0xFF | device >> 12 & 0xFFF00)
    }

    /// The count now; nil where the system keeps none.
    var count: Int? {
        guard let file = fopen("/proc/diskstats", "r") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while getline(&line, &room, file) > 0, let text = line.map({ String(cString: $0) }) {
            let fields = text.split { $0 == " " || $0 == "\n" }
            guard fields.count >= 19, UInt32(fields[0]) == major, UInt32(fields[1]) == minor
            else { continue }
            return Int(fields[18])
        }
        return nil
    }
}
