package import Cluster
package import CommandLanguage

extension Session {
    /// Looks at one fact; nil when it has no value now. See ``FactReading``.
    package func observe(_ fact: Fact) -> String? { FactReading(context).value(of: fact) }
}

extension Session {
    /// The row of every command there is, in the order of `help`.
    package static let commandSpecs: [CommandSpec] = CommandList.all.map(\.spec)
}

extension ParsingContext {
    /// The names in a lab that is started with these options: what a file can be read with before
    /// there is a lab.
    package init(of options: LabOptions) {
        self.init(
            nodeNames: LabOptions.nodeNames(
                replicas: min(options.replicas ?? 2, LabOptions.replicaLimit)),
            configNames: LabSetting.names)
    }
}
