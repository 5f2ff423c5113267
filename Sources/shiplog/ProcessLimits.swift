import Glibc
import Storage

/// What the system lets this process have, where a lab that found out later could only break off:
/// a thread that cannot be made, memory that is not there.
///
/// What runs out of files, and of room on a disk, is met where it happens: those have answers.
enum ProcessLimits {
    /// Seventeen nodes, their threads' stacks, and the program itself. Little of it is ever used.
    private static let addressSpaceMebibytes = 1024
    /// Those of a small lab, and of the libraries.
    private static let threadCount = 12

    /// Ends the process with a line if a lab has too little.
    static func check() {
        checkAddressSpace()
        guard WorkThread.canMake(threadCount) else { refuseForWantOfThreads() }
    }

    /// The thread for signals; where there is none, the process ends with a line.
    static func signalThread(_ react: @escaping SignalThread.Reaction) -> SignalThread {
        do throws(ThreadFailure) {
            return try SignalThread(react)
        } catch {
            refuseForWantOfThreads()
        }
    }

    private static func refuseForWantOfThreads() -> Never {
        Output.standardError.report([
            "error: a lab needs \(threadCount) threads, and the system gives fewer (ulimit -u)",
            "try: ulimit -u with a larger number, or end other programs",
        ])
        exit(ExitStatus.couldNotStart)
    }

    private static func checkAddressSpace() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return }
        let mebibytes = Int(clamping: limit.rlim_cur >> 20)
        guard mebibytes < addressSpaceMebibytes else { return }
        Output.standardError.report([
            "error: a lab needs \(addressSpaceMebibytes) MiB of address space, "
                + "and may have \(mebibytes) (ulimit -v)",
            "try: ulimit -v unlimited, then start it again",
        ])
        exit(ExitStatus.couldNotStart)
    }
}
