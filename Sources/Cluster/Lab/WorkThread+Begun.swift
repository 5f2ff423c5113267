import Storage

extension WorkThread {
    /// A thread for what a command begins.
    static func begun() throws(LabFailure) -> WorkThread {
        do throws(ThreadFailure) {
            return try WorkThread()
        } catch {
            throw .noThread(error)
        }
    }
}
