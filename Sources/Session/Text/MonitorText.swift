internal import Cluster
internal import CommandLanguage

/// The monitor in words.
enum MonitorText {
    /// What a command calls it where a link is meant.
    static let name = "monitor"

    /// Whoever is at the end of a link, in a sentence.
    static func named(_ end: String) -> String { end == name ? "the monitor" : end }
}

extension MonitorEvent {
    /// As an event, behind the monitor's name.
    var text: String {
        switch self {
        case .declaredDead(let node, let missed, let silence):
            "\(node) missed \(CountText.of(missed, "check")); declared dead \(silence.text) after "
                + "its last answer"
        case .answersAgain(let node, let silence):
            "\(node) answers again, \(silence.text) after its last answer"
        }
    }
}

extension FailureText {
    /// What the monitor could not do.
    func monitor(_ failure: MonitorFailure) -> Failure {
        switch failure {
        case .isOn(let node):
            Failure(
                "a monitor watches \(node) already, and the lab has one",
                advice: "monitor off, then monitor with other terms")
        case .isOff:
            Failure("there is no monitor", advice: "monitor interval=1s misses=3")
        }
    }
}
