internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `wait`: lets lab time pass.
    func wait(_ duration: LabDuration) throws(Failure) -> Reply {
        let before = look()
        try ask(.wait(duration)) { () throws(LabFailure) in
            guard lab.wait(duration.duration) else { throw LabFailure.interrupted }
        }
        let happened = events()
        let time = lab.snapshot().time
        return Reply(
            lines: happened + ["it is \(time.text) now, \(duration.duration.text) later"]
                + consequences(since: before),
            json: [["time": time.json]])
    }
}
