internal import Cluster
internal import SQLServer

/// A lab that is up, for clients that come from outside as any program does. Whoever starts one
/// closes it.
final class LabServer {
    static let user = "lab"

    let lab: Lab

    /// Starts or reopens the lab in a folder.
    init(_ folder: String, replicas: Int = 0) throws(BenchFailure) {
        do throws(LabFailure) {
            lab = try Lab(LabOptions(replicas: replicas, seed: 1, directory: folder))
        } catch {
            throw .lab("the lab does not start: \(error)")
        }
    }

    /// Has its nodes keep all WAL and take no checkpoint, as the bench's PostgreSQL: a replica
    /// without a slot loses its place when the primary removes what it has not sent.
    func keepAllWAL() {
        let megabytes = 16 << 10
        lab.set(.walKeepSize, to: megabytes)
        lab.set(.maxWALSize, to: megabytes)
    }

    /// Stops its nodes and gives back what it holds.
    func close() { lab.close() }

    /// The port of a node.
    func port(of node: String = "p") throws(BenchFailure) -> Int {
        guard let port = lab.addresses().first(where: { $0.node == node })?.port else {
            throw .lab("node \(node) does not listen")
        }
        return port
    }

    func client() throws(BenchFailure) -> QueryClient {
        try QueryClient(port: try port(), user: Self.user)
    }
}
