import WALFormat

extension TimelineHistory {
    /// The timeline that took over from `ancestor`, in the history of `current`.
    func successor(of ancestor: Timeline, current: Timeline) -> Timeline? {
        guard let index = entries.firstIndex(where: { $0.timeline == ancestor }) else { return nil }
        return index + 1 < entries.count ? entries[index + 1].timeline : current
    }

    /// The history of `timeline`, which is an ancestor of this one's timeline or that itself.
    func cut(to timeline: Timeline) -> TimelineHistory {
        // Entries rise, so what is left of them does too, and `append` cannot refuse.
        entries.filter { $0.timeline < timeline }.reduce(into: TimelineHistory()) {
            $0.append(timeline: $1.timeline, switchpoint: $1.switchpoint, reason: $1.reason)
        }
    }
}
