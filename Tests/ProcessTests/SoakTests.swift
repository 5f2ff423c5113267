import Testing

/// `bench soak`: the same commands in a flood from outside, and alone.
struct SoakTests {
    @Test func `a flood from outside changes nothing of what a lab prints`() throws {
        let home = try Home()
        let result = try shiplog("bench", "soak", "--seconds", "4", "--json", in: home)
        #expect(result.status == 0)
        let found = try #require(result.lines.first)
        #expect(found.contains("both printed the same"), "\(found)")
    }
}
