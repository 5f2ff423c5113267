package import Cluster
internal import CommandLanguage

extension Session {
    /// Why a lab could not be started, in the lines to print: what is wrong, then what to type.
    package static func explain(_ failure: LabFailure) -> [String] {
        StartFailure.failure(failure).lines
    }
}
