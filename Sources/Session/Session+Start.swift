package import Cluster
internal import CommandLanguage

extension Session {
    /// Why a lab could not be started, in the lines to print: what is wrong, then what to type.
    package static func explain(_ failure: LabFailure) -> [String] {
        StartFailure.failure(failure).lines
    }

    /// What was found wrong when the lab was opened, in the lines to print before anything is
    /// asked of it: nobody is to take what is missing for what never was.
    package var alarms: [String] {
        let alarms = openingEvents.filter(\.isAlarm)
        return alarms.isEmpty ? [] : EventText.lines(alarms, in: context.look().snapshot)
    }
}
