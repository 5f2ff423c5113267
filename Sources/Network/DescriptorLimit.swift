import Glibc

/// How many descriptors, sockets and files, the process may hold at a time.
public enum DescriptorLimit {
    /// As far as it is raised, where the system would allow any number.
    private static let ceiling: rlim_t = 1 << 16

    /// Raises the limit to what the system allows this process, and says what it is now.
    public static func raised() -> Int {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return Int(ceiling) }
        let wanted = min(limit.rlim_max, ceiling)
        if limit.rlim_cur < wanted {
            var more = limit
            more.rlim_cur = wanted
            if setrlimit(kind, &more) == 0 { limit = more }
        }
        return Int(min(limit.rlim_cur, ceiling))
    }

    private static var kind: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
