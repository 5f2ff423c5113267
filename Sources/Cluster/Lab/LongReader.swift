import LabClock
import WireProtocol

/// The client of a read that lasts, on a connection of its own: REPEATABLE READ, a look,
/// `pg_sleep`, another look.
///
/// - It knows only what it was told; it hears of the end of its query from the node.
/// - Touched on the loop only.
final class LongReader {
    /// What was asked for.
    struct Wish {
        let node: String
        let key: String?
        let duration: Duration
    }

    /// What it heard: its first look, or why there is none; and in the end, once, how it ended.
    private let began: (Result<HeldRead, LabFailure>) -> Void
    private let ended: (HeldReadEvent) -> Void

    private let wish: Wish
    private let client: LabClient
    private let now: () -> LabInstant
    /// What it has seen; nil before its first look.
    private(set) var read: HeldRead?
    private(set) var isOver = false

    init(
        _ wish: Wish, over client: LabClient, now: @escaping () -> LabInstant,
        began: @escaping (Result<HeldRead, LabFailure>) -> Void,
        ended: @escaping (HeldReadEvent) -> Void
    ) {
        self.wish = wish
        self.client = client
        self.now = now
        self.began = began
        self.ended = ended
    }

    /// Begins. What it asks goes out in one go, and is answered in turn.
    func begin() {
        client.together {
            ask("BEGIN ISOLATION LEVEL REPEATABLE READ") { _ in }
            ask(look) { [self] in looked($0) }
            ask("SELECT pg_sleep(\(wish.duration.secondsText))") { [self] _ in lookAgain() }
        }
    }

    /// Nobody waits for it any more.
    func close() {
        isOver = true
        client.close()
    }

    private var look: String {
        wish.key.map { "SELECT value FROM kv WHERE key = \(SQLLiteral.quoted($0))" }
            ?? "SELECT count(*) FROM kv"
    }

    private func looked(_ seen: String?) {
        let read = HeldRead(
            node: wish.node, key: wish.key, began: now(),
            ends: now().advanced(by: wish.duration), seen: seen)
        self.read = read
        began(.success(read))
    }

    private func lookAgain() {
        var last: String?
        client.together {
            ask(look) { last = $0 }
            ask("COMMIT") { _ in }
            ask(look) { [self] present in
                if let read { over(.ended(read, last: last, present: present)) }
            }
        }
    }

    /// `answered` is called with the first value of the answer; an error, or the loss of the
    /// connection, ends it all.
    private func ask(_ query: String, _ answered: @escaping (String?) -> Void) {
        client.query(query) { [self] answer in
            guard !isOver else { return }
            switch answer {
            case .answered(let results, nil, _):
                let value = results.first?.rows.first?.first ?? nil
                answered(value.map { String(decoding: $0, as: UTF8.self) })
            case .answered(_, .some(let error), _):
                guard let read else { return fail(.server(node: wish.node, error)) }
                over(.refused(read, error))
            case .lost:
                guard let read else { return fail(.noAnswer(node: wish.node)) }
                over(.lost(read))
            }
        }
    }

    private func fail(_ failure: LabFailure) {
        close()
        began(.failure(failure))
    }

    private func over(_ event: HeldReadEvent) {
        close()
        ended(event)
    }
}

/// The clients of reads that last, oldest first.
final class LongReaders {
    private var readers: [LongReader] = []

    /// What those read that have begun.
    var reads: [HeldRead] { readers.compactMap(\.read) }

    func add(_ reader: LongReader) { readers.append(reader) }

    func forgetEnded() { readers.removeAll(where: \.isOver) }

    /// Whoever was not answered is not waited for any more.
    func dropUnanswered() {
        for reader in readers where reader.read == nil { reader.close() }
        forgetEnded()
    }
}

extension Duration {
    /// As SQL reads it: `30.000000`.
    fileprivate var secondsText: String {
        let (seconds, attoseconds) = components
        let digits = String(attoseconds / 1_000_000_000_000)
        return "\(seconds).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
    }
}
