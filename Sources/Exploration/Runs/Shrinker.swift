/// Finds the shortest session that still fails, by trying: first without stretches of lines (delta
/// debugging), then with the commands of a line apart, then with simpler arguments, fewer replicas
/// and the first seed, and all of that again as long as something got shorter.
///
/// - What it is given fails, and so does what it gives back.
/// - It asks no more often than `patience` says; then the shortest so far is the answer.
package struct Shrinker {
    private var script: SessionScript
    private var patience: Int
    private let fails: (SessionScript) -> Bool

    private init(_ script: SessionScript, patience: Int, _ fails: @escaping (SessionScript) -> Bool)
    {
        self.script = script
        self.patience = patience
        self.fails = fails
    }

    package static func shortest(
        _ script: SessionScript, patience: Int = 600, fails: @escaping (SessionScript) -> Bool
    ) -> SessionScript {
        var shrinker = Shrinker(script, patience: patience, fails)
        shrinker.shrink()
        return shrinker.script
    }

    private mutating func shrink() {
        var before: SessionScript
        dropLines()
        partCommands()
        repeat {
            before = script
            dropLines()
            simplifySettings()
            simplifyLines()
        } while script != before && patience > 0
    }

    /// Takes a shorter script over if it fails too.
    private mutating func attempt(_ shorter: SessionScript) -> Bool {
        guard shorter != script, patience > 0 else { return false }
        patience -= 1
        guard fails(shorter) else { return false }
        script = shorter
        return true
    }

    /// Leaves out stretches of lines: half of them, a quarter, down to one.
    private mutating func dropLines() {
        var length = max(1, script.lines.count / 2)
        while true {
            // From the end: what is behind the failure goes at once.
            var end = script.lines.count
            while end > 0 {
                let start = max(0, end - length)
                var shorter = script
                shorter.lines.removeSubrange(start..<min(end, script.lines.count))
                _ = attempt(shorter)
                end = start
            }
            if length == 1 { return }
            length = max(1, length / 2)
        }
    }

    private mutating func partCommands() {
        var parted = script
        parted.lines = script.lines.flatMap { line in
            line.split(separator: ";").map { String($0.drop { $0 == " " }) }
        }
        if attempt(parted) { dropLines() }
    }

    private mutating func simplifySettings() {
        for replicas in 0..<script.replicas {
            var simpler = script
            simpler.replicas = replicas
            if attempt(simpler) { break }
        }
        var simpler = script
        simpler.seed = 1
        _ = attempt(simpler)
    }

    private mutating func simplifyLines() {
        for index in script.lines.indices {
            for line in SimplerLine.candidates(for: script.lines[index]) {
                var simpler = script
                simpler.lines[index] = line
                if attempt(simpler) { break }
            }
        }
    }
}
