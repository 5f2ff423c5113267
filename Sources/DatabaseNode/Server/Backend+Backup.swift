import Network
import Replication
import Storage
import WALFormat
import WireProtocol

// BASE_BACKUP: carrying out what the conversation asks for.
extension Backend {
    func beginBackup() {
        process.beginBackup { [weak self] result in
            guard let self, connection.isOpen else { return }
            act { sender in
                switch result {
                case .success(let start):
                    backupStart = start.position
                    return sender.backupBegun(start, server: process.server)
                case .failure(let error): return sender.backupFailed(error)
                }
            }
        }
    }

    func perform(_ action: BaseBackup.Action) {
        switch action {
        case .readFile(let path, let offset, let byteCount):
            readFile(path, from: offset, byteCount: byteCount)
        case .send(let message): connection.send(message.framed())
        case .end: endBackup()
        }
    }

    private func readFile(_ path: String, from offset: Int, byteCount: Int) {
        process.readPiece(of: path, from: offset, byteCount: byteCount) { [weak self] result in
            guard let self, connection.isOpen else { return }
            act { sender in
                switch result {
                case .success(let bytes): return sender.fileRead(bytes, server: process.server)
                case .failure(let error): return sender.backupFailed(error)
                }
            }
        }
    }

    private func endBackup() {
        process.endBackup(from: backupStart) { [weak self] result in
            guard let self, connection.isOpen else { return }
            act { sender in
                switch result {
                case .success(let end): return sender.backupEnded(end)
                case .failure(let error): return sender.backupFailed(error)
                }
            }
        }
    }

    /// A node whose disk has failed ends no backup. Says whether there was one to end.
    func failBackup() -> Bool {
        guard let failure = process.log.failure, sender?.standing == .backup else { return false }
        act { $0.backupFailed(failure.serverError) }
        return true
    }
}
