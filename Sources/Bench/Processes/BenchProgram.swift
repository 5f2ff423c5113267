internal import Programs

/// Programs of a bench: an interruption ends them, and is then what is thrown.
enum BenchProgram {
    /// Runs a program to its end and hands on what it printed.
    static func run(
        _ arguments: [String], _ interruption: Interruption
    ) throws(BenchFailure) -> [String] {
        do throws(ProgramFailure) {
            return try ChildProcess(arguments, keeper: interruption).finish()
        } catch {
            try interruption.check()
            throw BenchFailure(error)
        }
    }

    /// Starts a program that does not end by itself.
    static func startServer(
        _ arguments: [String], _ interruption: Interruption
    ) throws(BenchFailure) -> ChildProcess {
        do throws(ProgramFailure) {
            return try ChildProcess(arguments, isServer: true, keeper: interruption)
        } catch {
            throw BenchFailure(error)
        }
    }
}
