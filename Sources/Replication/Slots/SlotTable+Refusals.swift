import WireProtocol

// Refusals, in PostgreSQL's words.
extension SlotTable {
    static func exists(_ name: String) -> ServerError {
        ServerError(
            code: .duplicateObject, message: "replication slot \"\(name)\" already exists")
    }

    static var full: ServerError {
        ServerError(
            code: .configurationLimitExceeded, message: "all replication slots are in use",
            hint: "Free one or increase max_replication_slots.")
    }

    static func missing(_ name: String) -> ServerError {
        ServerError(
            code: .undefinedObject, message: "replication slot \"\(name)\" does not exist")
    }

    static func inUse(_ name: String, by processID: Int32) -> ServerError {
        ServerError(
            code: .objectInUse,
            message: "replication slot \"\(name)\" is active for PID \(processID)")
    }
}
