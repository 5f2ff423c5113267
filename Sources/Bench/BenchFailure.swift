internal import Glibc
internal import Programs
internal import Storage

/// Why a bench could not be carried out.
package enum BenchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The user ended it.
    case interrupted
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The lab could not be started or a part of it failed.
    case lab(String)
    /// A server said no, or something that is no answer.
    case server(String)
    /// A program could not be run or ended badly; the last lines it printed.
    case program(name: String, said: String)

    /// What is wrong, in one line.
    package var description: String {
        switch self {
        case .interrupted: "interrupted"
        case .system(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        case .lab(let reason): reason
        case .server(let reason): "a server answered: \(reason)"
        case .program(let name, let said): "\(name): \(said)"
        }
    }

    init(_ failure: ProgramFailure) {
        switch failure {
        case .system(let call, let errno): self = .system(call: call, errno: errno)
        case .program(let name, let said): self = .program(name: name, said: said)
        }
    }

    init(_ failure: ThreadFailure) {
        self = .system(call: "pthread_create", errno: failure.code)
    }

    /// The failure of the call just made.
    static func failed(_ call: String) -> BenchFailure { .system(call: call, errno: errno) }
}

/// A thread for a bench's own work.
func workThread() throws(BenchFailure) -> WorkThread {
    do throws(ThreadFailure) {
        return try WorkThread()
    } catch {
        throw BenchFailure(error)
    }
}

/// Hands on a call's answer unless it is -1.
@discardableResult
func checked(_ call: String, _ answer: Int32) throws(BenchFailure) -> Int32 {
    guard answer != -1 else { throw .failed(call) }
    return answer
}
