import WireProtocol

/// A piece of a file of the node's data directory.
package struct FilePiece: Hashable, Sendable {
    package let path: String
    package let offset: Int
    package let byteCount: Int
}

// The node's files, as `pg_rewind` reads them from a server that runs.
extension ServerFunction {
    static let files = [
        ServerFunction(
            "pg_read_binary_file", [.text, .int8, .int8, .bool], .bytea
        ) { context, arguments throws(ServerError) in
            try context.contents(of: FilePiece(arguments), ifPresent: arguments[3].isTrue)
        },
        ServerFunction(
            "pg_read_binary_file", [.text, .int8, .int8], .bytea
        ) { context, arguments throws(ServerError) in
            try context.contents(of: FilePiece(arguments), ifPresent: false)
        },
    ]
}

extension FilePiece {
    /// The most that is read in one go; what is read waits in memory for its client.
    private static let maximumByteCount = 1 << 20

    /// Refuses what does not lie in the data directory. PostgreSQL: `convert_and_check_filename`.
    fileprivate init(_ arguments: [SQLDatum]) throws(ServerError) {
        guard case .text(let path) = arguments[0], case .integer(let offset) = arguments[1],
            case .integer(let count) = arguments[2]
        else {
            throw ServerError(code: .invalidParameterValue, message: "not a piece of a file")
        }
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, !path.utf8.contains(0), !names.contains(""), !names.contains(".."),
            !names.contains(".")
        else {
            throw ServerError(
                code: .insufficientPrivilege,
                message: "path must be in or below the data directory")
        }
        guard offset >= 0, count >= 0 else {
            throw ServerError(
                code: .invalidParameterValue, message: "requested length cannot be negative")
        }
        guard count <= Self.maximumByteCount,
            let end = Int64(exactly: offset)?
                .addingReportingOverflow(count), !end.overflow
        else {
            throw ServerError(
                code: .invalidParameterValue, message: "requested length too large")
        }
        (self.path, self.offset, byteCount) = (path, Int(offset), Int(count))
    }
}
