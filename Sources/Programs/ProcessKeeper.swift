/// Who is told of programs that run, so that none of them outlives this process.
package protocol ProcessKeeper: Sendable {
    /// A program was started.
    ///
    /// - Parameter isServer: it does not end by itself; whoever started it stops it.
    func began(_ pid: Int32, isServer: Bool)

    /// A program has ended. Called before it is waited for: after that its number may be another's.
    func ends(_ pid: Int32)
}
