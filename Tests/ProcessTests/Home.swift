import Foundation

/// A home folder for the processes of one test: history, temporary files and scripts are below it
/// and go away with it.
final class Home {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "shiplog-process-" + UUID().uuidString
        for folder in ["", "/tmp"] {
            try FileManager.default.createDirectory(
                atPath: path + folder, withIntermediateDirectories: true)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// What a process sees of the world.
    var environment: [String: String] {
        var variables = ProcessInfo.processInfo.environment
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "XDG_STATE_HOME"] {
            variables[name] = nil
        }
        variables["HOME"] = path
        variables["TMPDIR"] = path + "/tmp"
        variables["SHIPLOG_HISTORY"] = path + "/history"
        variables["TERM"] = "xterm"
        variables["LC_ALL"] = "C.UTF-8"
        return variables
    }

    /// Lets processes of other users make files here.
    func openToEverybody() throws {
        for folder in [path, path + "/tmp"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o777], ofItemAtPath: folder)
        }
    }

    /// Writes a file and gives its path.
    func file(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }

    func text(of name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }

    /// What labs left behind.
    var leftovers: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path + "/tmp")) ?? ["unreadable"]
    }
}
