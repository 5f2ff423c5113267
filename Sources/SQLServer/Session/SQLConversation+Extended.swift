import WireProtocol

// The extended protocol: statements and portals, up to Sync.
extension SQLConversation {
    func parse(_ message: Parse) {
        inGroup { () throws(ServerError) in
            try session.prepared.makeRoom(forStatement: message.statement)
            let prepared = try session.prepare(
                try message.statement(), declared: message.parameterTypes.map(\.declaredType))
            try session.prepared.store(
                prepared, as: message.statement, byteCount: message.query.utf8.count)
            say([.parseComplete])
        }
    }

    func bind(_ message: Bind) {
        inGroup { () throws(ServerError) in
            let prepared = try session.prepared.statement(message.statement)
            try session.checkNotAborted(prepared.statement)
            let portal = try message.portal(of: prepared)
            try session.prepared.open(portal, as: message.portal)
            say([.bindComplete])
        }
    }

    func describe(_ object: PreparedObject) {
        inGroup { () throws(ServerError) in
            switch object {
            case .statement(let name):
                let prepared = try session.prepared.statement(name)
                if prepared.columns != nil { try session.checkNotAborted(prepared.statement) }
                say([
                    .parameterDescription(prepared.parameters.map(\.oid)),
                    prepared.description(formats: []),
                ])
            case .portal(let name):
                let portal = try session.prepared.portal(name)
                say([portal.prepared.description(formats: portal.formats)])
            }
        }
    }

    func execute(_ name: String, maximumRows: Int32) {
        inGroup { () throws(ServerError) in
            let portal = try session.prepared.portal(name)
            let prepared = portal.prepared
            try session.checkNotAborted(prepared.statement)
            let execution = Execution(
                prepared: prepared,
                origin: .portal(name, limit: maximumRows > 0 ? Int(maximumRows) : nil),
                values: portal.values, formats: portal.formats)
            var answer = SQLAnswer(columns: prepared.columns, tag: "SELECT")
            switch portal.progress {
            case .ready where prepared.statement == nil: return say([.emptyQueryResponse])
            case .ready: return try run(execution)
            case .suspended(let rows): answer.rows = Array(rows)
            case .finished where prepared.columns != nil: break
            case .finished:
                throw ServerError(
                    code: .objectNotInPrerequisiteState,
                    message: "portal \"\(name)\" cannot be run")
            }
            send(answer, execution)
        }
    }

    func close(_ object: PreparedObject) {
        session.prepared.close(object)
        say([.closeComplete])
    }

    private func inGroup(_ body: () throws(ServerError) -> Void) {
        session.start()
        do throws(ServerError) {
            try body()
        } catch {
            failGroup(error)
        }
    }
}
