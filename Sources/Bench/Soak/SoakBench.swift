package import CommandLanguage

/// One lab that does random commands for a long time, while programs from outside knock at its
/// ports and signals stop it; then the same commands in a lab that is left alone.
package struct SoakBench {
    /// What is run, and for how long.
    package struct Plan {
        let duration: Duration
        let seed: UInt64
        let parent: String?
        let program: String

        /// - Parameters:
        ///   - parent: the folder below which the labs' folders are made.
        ///   - program: the lab's own program, a path.
        package init(seconds: Int, seed: UInt64, parent: String?, program: String) {
            duration = .seconds(seconds)
            self.seed = seed
            self.parent = parent
            self.program = program
        }
    }

    private let plan: Plan
    private let interruption: Interruption
    private let tell: (String) -> Void

    package init(
        _ plan: Plan, interruption: Interruption, tell: @escaping (String) -> Void
    ) {
        self.plan = plan
        self.interruption = interruption
        self.tell = tell
    }

    /// Runs it; what it made on disk is gone on return.
    package func run() throws(BenchFailure) -> Reply {
        let directory = try BenchDirectory(in: plan.parent)
        defer { directory.remove() }
        var soaked = try soak(directory.folder("soaked"))
        tell("the same \(soaked.journal.count.grouped) lines without the flood")
        soaked.quiet = try replay(soaked.journal, directory.folder("quiet"))
        return soaked.reply
    }

    private func soak(_ folder: String) throws(BenchFailure) -> SoakFindings {
        let lab = try SoakedLab(plan.program, seed: plan.seed, folder: folder, interruption)
        let flood = try Flood(ports: lab.ports, pid: lab.pid, seed: plan.seed)
        var findings = SoakFindings(duration: plan.duration)
        do throws(BenchFailure) {
            let watch = Stopwatch()
            var commands = SoakJournal(seed: plan.seed)
            while watch.elapsed < plan.duration, let line = commands.next() {
                try interruption.check()
                try lab.type(line)
                findings.journal.append(line)
                if findings.sample(lab.residentByteCount, at: watch.elapsed) {
                    tell(findings.progress)
                }
            }
        } catch {
            _ = flood.end()
            lab.kill()
            throw error
        }
        findings.knockCount = flood.end()
        try lab.finish()
        findings.soaked = lab.output
        return findings
    }

    private func replay(_ journal: [String], _ folder: String) throws(BenchFailure) -> [String] {
        let lab = try SoakedLab(plan.program, seed: plan.seed, folder: folder, interruption)
        do throws(BenchFailure) {
            for line in journal {
                try interruption.check()
                try lab.type(line)
            }
        } catch {
            lab.kill()
            throw error
        }
        try lab.finish()
        return lab.output
    }
}
