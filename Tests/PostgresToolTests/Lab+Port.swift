import Cluster
import Testing

extension Lab {
    /// A node's port as an argument of a program.
    func portText(of node: String) throws -> String {
        let address = try #require(addresses().first { $0.node == node })
        return String(try #require(address.port))
    }
}
