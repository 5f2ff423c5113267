/// What is said about words that do not fit, with a guess at the line that was meant.
extension ArgumentBinder {
    /// A required argument that is not there.
    func missing(_ parameter: CommandParameter) -> Fault {
        let verb = spec.verb
        if let (name, value) = splitAtEquals() {
            return Fault(
                .missingArgument(parameter.name, of: verb, correction: line([name, value])), at: end
            )
        }
        if verb == .lag, let word = positional.first { return missingForLag(word) }
        guard spec.takesLeadingNode, parameter.form == .required, let node = positional.first,
            positional.count == spec.positional.count - 1, isNode(node),
            spec.parameters.contains(where: { $0.kind == .key })
        else { return Fault(.missingArgument(parameter.spokenName, of: verb), at: end) }
        let form = line(["'\(node.text)'"] + positional.dropFirst().map(\.raw))
        return Fault(
            .nodeReadAsTarget(node.text, missing: parameter.name, of: verb, quotedForm: form),
            at: node)
    }

    /// `lag 800ms` lacks the replica, `lag r1` the delay.
    private func missingForLag(_ word: Word) -> Fault {
        let isDelay = (try? LabDuration(parsing: word.text)) != nil
        let replica = context.replicaWords.first ?? "r1"
        let meant =
            isDelay ? line([replica, word.raw]) : line([word.raw, "800ms, or lag for the meters"])
        let name = isDelay ? "REPLICA" : "DELAY"
        return Fault(
            .missingArgument(name, of: .lag, correction: meant), at: isDelay ? word.range : end)
    }

    /// `disk full` was meant as `disk p full`.
    func missingNode(_ parameter: CommandParameter, before word: Word) -> Fault {
        let meant = line([context.nodeNames.first ?? "p"] + positional.map(\.raw))
        return Fault(
            .missingArgument(parameter.name, of: spec.verb, correction: meant), at: word)
    }

    /// `set a=1` was meant as `set a 1`.
    private func splitAtEquals() -> (name: String, value: String)? {
        guard spec.verb == .set, positional.count == 1, positional[0].isBare else { return nil }
        let parts = positional[0].text.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    /// A word too many.
    func unexpected(_ extra: Word) -> Fault {
        let meant = positional.firstIndex(of: extra).flatMap { correction(extraAt: $0) }
        let isShort = (meant?.utf8.count ?? 0) <= 200
        return Fault(
            .extraWord(extra.text, of: spec.verb, correction: isShort ? meant : nil), at: extra)
    }

    private func correction(extraAt index: Int) -> String? {
        let before = positional[..<index].map(\.raw)
        let rest = positional[index...].map(\.text)
        if spec.positional.last?.kind == .free, let text = positional[..<index].last?.text {
            // The last argument takes any text: its words lack quotes.
            let joined = ([text] + rest).joined(separator: " ")
            return line(before.dropLast() + [ShellQuote.quoted(joined)])
        }
        if spec.positional.last?.kind == .duration, let number = before.last, rest.count == 1,
            (try? LabDuration(parsing: number + rest[0])) != nil
        {
            return line(before.dropLast() + [number + rest[0]])
        }
        if spec.verb == .load, rest.count == 1, (try? LabInterval(parsing: rest[0])) != nil {
            return line(before + ["every", rest[0]])
        }
        return nil
    }

    private func line(_ words: [String]) -> String {
        ([spec.name] + words).joined(separator: " ")
    }
}

extension CommandParameter {
    /// What is missing when it is: its name, or the words it could be.
    fileprivate var spokenName: String {
        guard case .oneOf(let alternatives) = kind else { return name }
        return CountText.list(alternatives.map(\.word), joinedBy: "or")
    }
}
