/// Work that other threads, the disks', do for the loop, and what has come back of it.
///
/// How long a disk takes differs from run to run, and so does the order in which the answers of two
/// disks, or of a disk and a socket, come in. None of that may be seen. So an answer is held until
/// nothing moves between the sockets any more and every other job has come back too; then all of
/// them are given out, in the order in which their mailboxes were made and the jobs were asked for.
///
/// A job may be put off until nothing moves, when the loop would sleep until the disks have done
/// theirs. Then all that were put off begin at once, on the disks' own threads but for one disk's:
/// its jobs the loop does itself, which wakes nobody.
///
/// - Between two commands, when no lab time runs, only outside programs can be waiting: for them an
///   answer is given out when it comes.
/// - Touched on the lab's loop only.
final class ThreadJobs {
    private struct Answer {
        let mailbox: Int
        let number: Int
        let give: () -> Void
    }

    /// Begins what was put off, on the loop itself or elsewhere.
    typealias Beginning = (_ onLoop: Bool) -> Void

    /// Called when an answer has come in.
    var onArrival: () -> Void = {}
    /// Called when something was put off.
    var onDelay: () -> Void = {}
    private var underWay = 0
    private var answers: [Answer] = []
    private var lastMailbox = 0
    private var arrived = 0
    private var putOff: [Beginning] = []

    /// No job is under way, and no answer waits.
    var isIdle: Bool { underWay == 0 && answers.isEmpty }
    /// Every job has come back, and there are answers to give out.
    var isComplete: Bool { underWay == 0 && !answers.isEmpty }

    /// A number for one more mailbox, later in the order than all before.
    func nextMailbox() -> Int {
        lastMailbox += 1
        return lastMailbox
    }

    /// A job is about to be handed to another thread.
    func begin() {
        underWay += 1
    }

    /// What was announced waits until nothing moves.
    func putOff(_ begin: @escaping Beginning) {
        putOff.append(begin)
        onDelay()
    }

    /// Nothing moves: what was put off begins.
    func beginPutOff() {
        let due = putOff
        putOff = []
        for begin in due.dropLast() { begin(false) }
        due.last?(true)
    }

    /// It has come back: `give` hands its answer to whoever asked.
    func ended(_ mailbox: Int, _ give: @escaping () -> Void) {
        precondition(underWay > 0, "a job came back that nobody had asked for")
        underWay -= 1
        arrived += 1
        answers.append(Answer(mailbox: mailbox, number: arrived, give: give))
        onArrival()
    }

    /// Gives out what has come back so far.
    func giveOut() {
        let due = answers.sorted { ($0.mailbox, $0.number) < ($1.mailbox, $1.number) }
        answers = []
        for answer in due { answer.give() }
    }
}
