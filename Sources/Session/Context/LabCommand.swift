internal import Cluster
internal import CommandLanguage

/// A command that is carried out on the lab.
///
/// All that there is to a command is in its own file: its row, its words, what it does, what it
/// says, and what it advises when the lab will not.
protocol LabCommand: Command {
    /// Carries it out.
    func run(in context: CommandContext) throws(Failure) -> Reply

    /// What is wrong and what to type instead, where the lab's general words would not do for this
    /// command; nil: they do.
    func advice(on failure: LabFailure, _ general: FailureText) -> Failure?
}
