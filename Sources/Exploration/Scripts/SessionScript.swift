/// A session as text: the settings of a lab, and the lines typed at its prompt.
///
/// Not a transcript: it does not say what is printed. It can be pasted into a file, which
/// `shiplog --memory --keep-going -f` runs as it was run here.
package struct SessionScript: Hashable, Sendable {
    package var replicas: Int
    package var seed: UInt64
    package var lines: [String]

    package init(replicas: Int, seed: UInt64, lines: [String]) {
        self.replicas = replicas
        self.seed = seed
        self.lines = lines
    }

    /// A file with it, its first line the command that runs it.
    package var pasteable: [String] {
        ["# shiplog --memory --replicas \(replicas) --seed \(seed) --keep-going -f FILE"] + lines
    }
}
