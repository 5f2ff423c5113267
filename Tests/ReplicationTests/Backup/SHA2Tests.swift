import LabClock
import Testing

@testable import Replication

/// The digests against the vectors of FIPS 180-4 and against coreutils.
struct SHA2Tests {
    private func digests(_ bytes: [UInt8]) -> [String] {
        var (a, b) = (SHA2<UInt32>.sha224, SHA2<UInt32>.sha256)
        var (c, d) = (SHA2<UInt64>.sha384, SHA2<UInt64>.sha512)
        a.update(bytes)
        b.update(bytes)
        c.update(bytes)
        d.update(bytes)
        return [a.digest, b.digest, c.digest, d.digest].map { Hexadecimal.text(of: $0) }
    }

    @Test func `no bytes`() {
        #expect(
            digests([]) == [
                "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
                    + "274edebfe76f65fbd51ad2f14898b95b",
                "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                    + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
            ])
    }

    @Test func `three bytes`() {
        #expect(
            digests(Array("abc".utf8)) == [
                "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                    + "8086072ba1e7cc2358baeca134c825a7",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ])
    }

    @Test func `two blocks`() {
        let narrow = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(
            digests(Array(narrow.utf8)).prefix(2) == [
                "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ])
        let wide =
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
            + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
        #expect(
            digests(Array(wide.utf8)).suffix(2) == [
                "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
                    + "fcc7c71a557e2db966c3e9fa91746039",
                "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
                    + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
            ])
    }

    /// Where the padding just fits into the last block, and just does not.
    @Test(arguments: [
        (55, "8991dfba74284e04", "463eb28e72f82e0a", "dcedb6b590edb4ef", "6856647f269c2ee3"),
        (56, "2b2cd637c16ad729", "da2ae4d6b36748f2", "7b9132d597b8873a", "8b12b2f6fe400a51"),
        (63, "049e8dd7eab3378c", "29af2686fd53374a", "dd66b519f51a9258", "9dc9c5598e55dc42"),
        (64, "c37b88a3522dbf7a", "fdeab9acf3710362", "9f2c9eb7116b3d7a", "ee4320ebaf3fdb4f"),
        (65, "114b5fd665736a96", "4bfd2c8b6f1eec7a", "14b0a9ffce149426", "02856cef735f9ace"),
        (111, "1aeef583c448a9ae", "60780e9451bdc43c", "f5f9fe110d809d34", "a1a111449b198d9b"),
        (112, "01e5abf50619b5c2", "09373f127d34e61d", "33ba080ec0ccb378", "c5fbd731d19d2ae1"),
        (119, "762f18c0df65c3d0", "da18797ed7c3a777", "0c8d3031d85cefa2", "43e497279c2ce805"),
        (120, "d022deb78772a77e", "f52b23db1fbb6ded", "0577ad6090b2a39f", "9636708964c5ff66"),
        (127, "554c9c3f7e92b80f", "92ca0fa6651ee2f9", "d5fcfe2fcf6b3ef3", "eab89674feaa34e2"),
        (128, "67d88da33fd632d8", "471fb943aa23c511", "ca23857733191245", "1dffd5e3adb71d45"),
        (129, "a80cb91e08a62f06", "5099c6a56203f968", "ef49ae5b9ad51433", "1d9da57fbbdab09a"),
        (1000, "c182669a7f6629dc", "4e4c294b331f7a20", "7a2f8c7f12344964", "5096498d96f50f9a"),
    ])
    func `every length`(_ count: Int, _ a: String, _ b: String, _ c: String, _ d: String) {
        let bytes = (0..<count).map { UInt8($0 % 251) }
        #expect(digests(bytes).map { String($0.prefix(16)) } == [a, b, c, d])
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `pieces give the same as the whole, and asking changes nothing`(_ seed: UInt64) {
        var random = SeededDraws(seed: seed)
        let bytes = (0..<700).map { _ in UInt8.random(in: 0...255, using: &random) }
        var pieces = SHA2<UInt32>.sha256
        var wide = SHA2<UInt64>.sha512
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 0...150, using: &random))
            rest = rest.dropFirst(piece.count)
            pieces.update(piece)
            wide.update(piece)
            _ = pieces.digest
        }
        #expect(Hexadecimal.text(of: pieces.digest) == digests(bytes)[1])
        #expect(Hexadecimal.text(of: wide.digest) == digests(bytes)[3])
    }
}
