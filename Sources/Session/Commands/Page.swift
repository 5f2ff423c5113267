internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

extension Session {
    /// `page`: the bytes of one page of a node's table, in words.
    func page(_ node: NodeReference?, _ block: Int) throws(Failure) -> Reply {
        let now = look()
        let name = now.name(node ?? .primary)
        let page = try ask(.page(node: node, block: block)) { () throws(LabFailure) in
            try lab.page(block, of: name)
        }
        let isUp = now.snapshot[name]?.isRunning ?? false
        let table = PageTable(page, of: name, isFromFile: !isUp)
        return Reply(lines: events() + table.lines, json: [table.json])
    }
}
