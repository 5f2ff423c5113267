internal import Glibc

/// Why another's program could not be run, or ended badly.
package enum ProgramFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// It ended with an error, or said something else than it should; the last lines it printed.
    case program(name: String, said: String)

    /// What is wrong, in one line.
    package var description: String {
        switch self {
        case .system(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        case .program(let name, let said): "\(name): \(said)"
        }
    }
}

/// Hands on a call's answer unless it is -1.
@discardableResult
func checked(_ call: String, _ answer: Int32) throws(ProgramFailure) -> Int32 {
    guard answer != -1 else { throw .system(call: call, errno: errno) }
    return answer
}
