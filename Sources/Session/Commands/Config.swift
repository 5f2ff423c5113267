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
