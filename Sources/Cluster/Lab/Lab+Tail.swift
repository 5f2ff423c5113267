import Network

// Reading the log of a server that is not one of the lab's, or as if it were none.
extension Lab {
    /// Reads a server's log and tells of it as it comes, until enough was read, `told` answers
    /// false, or `interrupt` is called. Lab time stands still meanwhile.
    ///
    /// - Parameter told: called on the calling thread; while it works the server has to wait.
    package func tail(
        _ request: LogTail.Request, told: ([LogTail.News]) -> Bool
    ) throws(LogTail.Failure) -> LogTail.End {
        onLoop { cluster in
            cluster.tail = TailShell(request, lab: cluster.lab)
            cluster.tail?.start()
        }
        defer {
            onLoop { cluster in
                cluster.tail?.abandon()
                cluster.tail = nil
            }
        }
        while true {
            let reached = run { cluster in .outside { cluster.tail?.hasNews ?? true } }
            let (news, end) = onLoop { cluster in
                (cluster.tail?.takeNews() ?? [], cluster.tail?.end)
            }
            let goesOn = news.isEmpty || told(news)
            if let end { return try end.get() }
            if reached == .interrupted || !goesOn {
                onLoop { cluster in cluster.tail?.cancel() }
            }
        }
    }
}
