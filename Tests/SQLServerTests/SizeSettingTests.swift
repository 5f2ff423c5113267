import Testing

@testable import SQLServer

/// Amounts of WAL, as they are typed.
struct SizeSettingTests {
    @Test(arguments: [
        ("0", 0), ("-1", -1), ("1", 1), ("1MB", 1), ("2GB", 2048), ("1TB", 1 << 20), ("511kB", 0),
        ("512kB", 1), ("1536kB", 2), ("1048576B", 1),
    ])
    func `a size is read as PostgreSQL reads it`(text: String, megabytes: Int) {
        #expect(SizeSetting.megabytes(text) == megabytes)
    }

    @Test(arguments: ["", "MB", "1mb", "1 MB", "1.5GB", "+1", "x", "9999999999999999999", "4096TB"])
    func `what is no size is refused`(text: String) {
        #expect(SizeSetting.megabytes(text) == nil)
    }
}
