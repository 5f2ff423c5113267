/// What is said about words that do not fit, with a guess at the line that was meant.
extension ArgumentBinder {
    /// A required argument that is not there.
    func missing(_ parameter: CommandParameter) -> Fault {
        if let (name, value) = splitAtEquals() {
            return Fault(
                .missingArgument(parameter.name, of: spec, correction: line([name, value])), at: end
            )
        }
        if case .paired(let alone) = parameter.form, let word = positional.first {
            return missingHalf(of: word, alone: alone)
        }
        guard spec.takesLeadingNode, parameter.form == .required, let node = positional.first,
            positional.count == spec.positional.count - 1, isNode(node),
            spec.parameters.contains(where: { $0.kind == .key })
        else { return Fault(.missingArgument(parameter.spokenName, of: spec), at: end) }
        let form = line(["'\(node.text)'"] + positional.dropFirst().map(\.raw))
        return Fault(
            .nodeReadAsTarget(node.text, missing: parameter.name, of: spec, quotedForm: form),
            at: node)
    }

    /// `lag 800ms` lacks the replica, `lag r1` the delay.
    private func missingHalf(of word: Word, alone: String) -> Fault {
        let pair = spec.positional.filter(\.form.isPaired)
        let examples = spec.example.split(separator: " ").dropFirst().map(String.init)
        let isSecond =
            pair.last?.kind == .duration && (try? LabDuration(parsing: word.text)) != nil
        let name = (isSecond ? pair.first : pair.last)?.name ?? ""
        guard !isSecond else {
            let first = context.replicaWords.first ?? examples.first ?? ""
            return Fault(
                .missingArgument(name, of: spec, correction: line([first, word.raw])), at: word)
        }
        let meant = line([word.raw, examples.last ?? ""]) + ", or \(spec.name) \(alone)"
        return Fault(.missingArgument(name, of: spec, correction: meant), at: end)
    }

    /// `disk full` was meant as `disk p full`.
    func missingNode(_ parameter: CommandParameter, before word: Word) -> Fault {
        let meant = line([context.nodeNames.first ?? "p"] + positional.map(\.raw))
        return Fault(
            .missingArgument(parameter.name, of: spec, correction: meant), at: word)
    }

    /// `set a=1` was meant as `set a 1`.
    private func splitAtEquals() -> (name: String, value: String)? {
        guard spec.positional.suffix(2).map(\.kind) == [.key, .free], positional.count == 1,
            positional[0].isBare
        else { return nil }
        let parts = positional[0].text.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    /// A word too many.
    func unexpected(_ extra: Word) -> Fault {
        let meant = positional.firstIndex(of: extra).flatMap { correction(extraAt: $0) }
        let isShort = (meant?.utf8.count ?? 0) <= 200
        return Fault(
            .extraWord(extra.text, of: spec, correction: isShort ? meant : nil), at: extra)
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
        guard rest.count == 1, (try? LabInterval(parsing: rest[0])) != nil else { return nil }
        return intervalKeyword.map { line(before + [$0, rest[0]]) }
    }

    /// `load 12 66ms` was meant as `load 12 every 66ms`.
    private var intervalKeyword: String? {
        for parameter in spec.parameters where parameter.kind == .interval {
            if case .keyword(let word) = parameter.form { return word }
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
