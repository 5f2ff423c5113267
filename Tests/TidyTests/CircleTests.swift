import Testing

/// Circles, in this repository and in samples.
struct CircleTests {
    private static var targets: [String] { Architecture.mayImport.keys.sorted() }

    private func breaches(
        in target: String
    ) -> [(kind: CircleRules.Exception.Kind, size: Int, text: String)] {
        let files = Repository.whole.code.filter { $0.isBelow("Sources/\(target)") }
        return CircleRules.breaches(files, in: target)
    }

    @Test(arguments: targets)
    func `no folders need each other, and only few files do`(_ target: String) {
        for breach in breaches(in: target)
        where !CircleRules.isExcepted(target, breach.kind, size: breach.size) {
            Issue.record("\(breach.text)")
        }
    }

    @Test(arguments: CircleRules.exceptions)
    func `a circle that is allowed is there, and has a reason`(
        _ exception: CircleRules.Exception
    ) {
        #expect(!exception.reason.isEmpty)
        #expect(
            breaches(in: exception.target).contains { $0.kind == exception.kind },
            "the circle is gone: take it off the list")
    }

    // MARK: Samples

    private func file(_ name: String, _ text: String) -> Repository.File {
        Repository.File(path: "Sources/Storage/\(name).swift", text: text)
    }

    private func circles(_ files: Repository.File...) -> [[String]] {
        TypeReferences.circles(TypeReferences(files).uses).map { circle in
            circle.map { String($0.dropFirst("Sources/Storage/".count).dropLast(6)) }
        }
    }

    @Test func `two files that name each other's types are a circle`() {
        #expect(
            circles(
                file("A", "struct A { let b: B? }"), file("B", "enum B { case a([A]) }"),
                file("C", "final class C { var a: A? }")) == [["A", "B"]])
    }

    @Test func `a circle may go round through others`() {
        #expect(
            circles(
                file("A", "struct A { func f() { B.make() } }"),
                file("B", "struct B: C {}"), file("C", "protocol C { var a: A { get } }"))
                == [["A", "B", "C"]])
    }

    @Test func `a name in a comment or a string is no use of it, one in an interpolation is`() {
        let a = file("A", "struct A { let b: B }")
        #expect(circles(a, file("B", "/// Part of `A`.\nstruct B { let a = \"A\" }")) == [])
        #expect(circles(a, file("B", "struct B { let a = \"\\(A.self)\" }")) == [["A", "B"]])
    }

    @Test func `a file of extensions uses what it extends`() {
        let extensions = file("A+B", "extension A { var b: Int { 1 } }\nstruct B {}")
        #expect(circles(file("A", "struct A {}"), extensions) == [])
        #expect(circles(file("A", "struct A { let b: B }"), extensions) == [["A+B", "A"]])
    }

    @Test func `a private type, a nested one and a member are nobody else's`() {
        #expect(
            circles(
                file("A", "struct A { let b: B }\nprivate struct Entry {}"),
                file("B", "struct B { let entry: Entry }")) == [])
        #expect(
            circles(
                file("A", "struct A { let b: B\n enum Phase {} }"),
                file("B", "struct B { let phase: Phase }")) == [])
        #expect(
            circles(
                file("A", "struct A { let b: B }"),
                file("B", "struct B { let a = Other.A() }")) == [])
        #expect(
            circles(
                file("A", "struct A { let b: B }"),
                file("B", "struct B { let a: A\n struct A {} }")) == [])
    }

    @Test func `folders that need each other are found though no two files do`() {
        let files = [
            file("Log/A", "struct A { let b: B }"), file("Table/B", "struct B {}"),
            file("Table/C", "struct C { let d: D }"), file("Log/D", "struct D {}"),
        ]
        #expect(
            CircleRules.breaches(files, in: "Storage").map(\.text) == [
                "Storage: 2 folders in a circle: Log, Table"
            ])
    }
}
