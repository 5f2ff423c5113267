internal import Cluster
internal import CommandLanguage

extension Session {
    /// `config`: the settings, or one of them.
    func config(_ name: String?) throws(Failure) -> Reply {
        let settings = lab.settings().filter { name == nil || $0.name == name }
        guard !settings.isEmpty else {
            throw Failure("no setting \(Words.quoted(name ?? ""))", advice: "config")
        }
        return Reply(
            lines: events() + lines(settings),
            json: [
                [
                    "settings": .array(
                        settings.map {
                            [
                                "name": .string($0.name), "value": .string($0.value),
                                "meaning": .string($0.explanation),
                            ]
                        })
                ]
            ])
    }

    /// `config NAME VALUE`: changes a setting that can be changed while the lab runs.
    func configSet(_ name: String, _ value: String) throws(Failure) -> Reply {
        let before = look()
        guard let setting = ChangeableSetting(rawValue: name) else {
            let changeable = ChangeableSetting.allCases.map(\.rawValue)
            throw Failure(
                "\(name) cannot be changed while the lab runs; \(Words.list(changeable)) can",
                advice: "config \(changeable[0]) off")
        }
        guard let isOn = ["on": true, "off": false][value] else {
            throw Failure(
                "\(name) cannot be \(Words.quoted(value))",
                advice: "config \(name) on, or config \(name) off")
        }
        try ask(.configSet(name: name, value: value)) { () throws(LabFailure) in
            switch setting {
            case .fullPageWrites: try lab.setFullPageWrites(isOn)
            }
        }
        return Reply(
            lines: [setting.sentence(isOn)] + consequences(since: before),
            json: [["name": .string(name), "value": .string(value)]])
    }

    /// Name, value and meaning in columns; a long meaning goes on below itself.
    private func lines(_ settings: [LabSetting]) -> [String] {
        var table = TextTable([.text("name"), .text("value"), .text("meaning")])
        let names = settings.map { DisplayWidth.of($0.name) }.max() ?? 0
        let values = settings.map { DisplayWidth.of($0.value) }.max() ?? 0
        let room = max(20, 80 - max(names, 4) - max(values, 5) - 4)
        for setting in settings {
            let meaning = Words.wrapped(setting.explanation, width: room)
            table.append([setting.name, setting.value, meaning.first ?? ""])
            for line in meaning.dropFirst() { table.append(["", "", line]) }
        }
        return table.lines
    }
}

/// A setting that can be changed while the lab runs.
private enum ChangeableSetting: String, CaseIterable {
    case fullPageWrites = "full_page_writes"

    /// What that means from now on.
    func sentence(_ isOn: Bool) -> String {
        switch self {
        case .fullPageWrites:
            isOn
                ? "full_page_writes is on: pages are safe from the next checkpoint on"
                : "full_page_writes is off: a page torn by a crash cannot be repaired any more"
        }
    }
}
