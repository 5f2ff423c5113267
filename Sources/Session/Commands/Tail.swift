internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `tail`: the log of a running server, as it grows. Its reply depends on that server.
    func tail(_ wish: TailRequest) throws(Failure) -> Reply {
        guard listener != nil || wish.count != nil else {
            throw Failure(
                "tail without a count goes on until Ctrl-C, which nobody can press here",
                advice: "\(TailText.again(wish)) count=10")
        }
        let request = LogTail.Request(
            host: wish.host, port: wish.port, user: wish.user, start: wish.start, slot: wish.slot,
            count: wish.count)
        var reply = Reply(lines: events())
        do throws(LogTail.Failure) {
            _ = try lab.tail(request) { news in
                reply.lines += news.flatMap { TailTable.lines($0, of: wish) }
                reply.json += news.map { TailTable.json($0, of: wish) }
                guard let listener else { return true }
                defer { reply = Reply() }
                return listener.hear(reply.rendered(asJSON: listener.asJSON))
            }
        } catch {
            throw TailText(wish).failure(error)
        }
        return reply
    }
}
