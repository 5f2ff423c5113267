public import ArgumentParser
public import Terminal

/// `--color auto|always|never`
extension ColorPolicy: ExpressibleByArgument {}
