/// Whether a process runs, or was stopped where it stands (SIGSTOP): then nothing that it waits for
/// happens to it before it runs again.
package final class Suspension {
    /// Whether the process is stopped.
    private(set) var isOn = false
    private var missed: [() -> Void] = []

    package init() {}

    func begin() {
        isOn = true
    }

    /// Does something when the process runs again, in the order in which it was due.
    func afterwards(_ body: @escaping () -> Void) {
        missed.append(body)
    }

    func end() {
        isOn = false
        let due = missed
        missed = []
        for body in due { body() }
    }
}
