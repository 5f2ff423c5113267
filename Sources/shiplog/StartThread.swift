import Glibc

/// Runs `body` on a thread of its own, which ends with it. It begins with the signals blocked that
/// the calling thread has blocked.
func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(ThreadWork(body: body)).toOpaque()
    let code = pthread_create(&thread, nil, threadMain, work)
    precondition(code == 0, "no thread: pthread_create says \(code)")
    pthread_detach(thread)
}

/// A closure in a form that a C function can be given.
private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A C function, so it takes its work as an untyped pointer; it owns one reference.
private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().body() }
    return nil
}
