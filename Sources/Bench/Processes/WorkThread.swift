internal import Glibc

/// A thread that does one piece of work and is waited for.
struct WorkThread {
    private let thread: pthread_t

    init(_ work: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Work(body: work)).toOpaque()
        let code = pthread_create(&thread, nil, workThreadMain, context)
        precondition(code == 0, "no thread: pthread_create says \(code)")
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }

    fileprivate final class Work: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A C function, so it takes its work as an untyped pointer; it owns one reference.
private func workThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context {
        Unmanaged<WorkThread.Work>.fromOpaque(context).takeRetainedValue().body()
    }
    return nil
}
