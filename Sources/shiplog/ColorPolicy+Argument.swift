import ArgumentParser
import Terminal

/// `--color auto|always|never`
extension ColorPolicy: ExpressibleByArgument {}
