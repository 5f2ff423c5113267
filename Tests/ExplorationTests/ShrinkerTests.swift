import Testing

@testable import Exploration

struct ShrinkerTests {
    private func words(_ script: SessionScript) -> [[Substring]] {
        script.lines.map { $0.split(separator: " ") }
    }

    @Test func `only the lines that matter are left, in their order`() {
        let lines = (1...60).map { "set k\($0) v" }
        let script = SessionScript(replicas: 3, seed: 77, lines: lines)
        let shortest = Shrinker.shortest(script) {
            let first = $0.lines.firstIndex { $0.hasPrefix("set k17") }
            let second = $0.lines.firstIndex { $0.hasPrefix("set k42") }
            return first != nil && second != nil
        }
        #expect(shortest.lines.map { $0.prefix(7) } == ["set k17", "set k42"])
        #expect(shortest.replicas == 0)
        #expect(shortest.seed == 1)
    }

    @Test func `a planted fault in the middle of a line is found, its arguments made simpler`() {
        let script = SessionScript(
            replicas: 2, seed: 5,
            lines: ["load 45 every 66ms as pay", "set a 1; crash p wire=drop; status", "wait 5s"])
        let shortest = Shrinker.shortest(script) { script in
            words(script).contains { $0.first == "crash" }
        }
        #expect(shortest.lines == ["crash"])
    }

    @Test func `a number is made as small as still fails`() {
        let script = SessionScript(replicas: 0, seed: 1, lines: ["load 5000 every 66ms as pay"])
        let shortest = Shrinker.shortest(script) { script in
            words(script).contains { $0.count > 1 && (Int($0[1]) ?? 0) >= 100 }
        }
        #expect(shortest.lines == ["load 100"])
    }

    @Test func `it gives up when its patience is at its end`() {
        var count = 0
        let script = SessionScript(replicas: 2, seed: 1, lines: (1...60).map { "set k\($0) v" })
        let shortest = Shrinker.shortest(script, patience: 9) { _ in
            count += 1
            return false
        }
        #expect(count == 9)
        #expect(shortest == script)
    }
}
