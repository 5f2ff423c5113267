import Glibc

/// Whether output is coloured. Colour never carries meaning alone, so this decides about looks
/// only.
///
/// The first that speaks decides: the flag, `NO_COLOR`, `CLICOLOR_FORCE`, then whether it is a
/// terminal that knows colours.
package enum ColorPolicy: String, CaseIterable, Hashable, Sendable {
    /// The environment and the terminal decide: no `--color` was given.
    case automatic = "auto"
    /// `--color always`
    case always
    /// `--color never`, `--no-color`
    case never

    /// Whether to colour what goes to a terminal (or not a terminal) in this environment.
    package func usesColor(isTerminal: Bool, environment: (String) -> String?) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .automatic: break
        }
        if let value = environment("NO_COLOR"), !value.isEmpty { return false }
        if let value = environment("CLICOLOR_FORCE"), !value.isEmpty, value != "0" { return true }
        return isTerminal && environment("TERM") != "dumb"
    }

    /// The same for a descriptor of this process.
    package func usesColor(descriptor: Int32) -> Bool {
        usesColor(isTerminal: isatty(descriptor) == 1, environment: Environment.value)
    }
}

/// The environment of this process, read only.
package enum Environment {
    /// The value of a variable, `nil` when it is not set.
    package static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
