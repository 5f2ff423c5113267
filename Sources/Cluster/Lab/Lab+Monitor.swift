import LabClock
import Network
package import Replication

// The monitor of the primary.
extension Lab {
    /// Has a monitor watch the primary, from now on.
    /// - Throws: `.monitor(.isOn)`: there is one.
    package func beginMonitor(_ terms: FailureDetector.Terms) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            if let watch = cluster.monitor.watch { throw .monitor(.isOn(watch.node.name)) }
            try cluster.watchPrimary(terms)
        }
        settle()
    }

    /// Ends it. Its wire is whole for the next one.
    package func endMonitor() throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            guard cluster.monitor.watch != nil else { throw .monitor(.isOff) }
            cluster.monitor.end()
        }
        settle()
    }

    /// What the monitor thinks; nil: there is none.
    package var monitorReport: MonitorReport? { onLoop { cluster in cluster.monitor.report } }

    /// The interval of checks that no wait can leave out, since the wire to the watched node goes
    /// down again and again, or each renews a lease; zero: there are none such.
    package var restlessMonitorInterval: Duration {
        onLoop { cluster in
            let flaps = [Link.Way.upstream, .downstream].contains {
                cluster.monitor.link?.faults($0).outage?.every != nil
            }
            return flaps || cluster.monitor.watch?.lease != nil
                ? cluster.monitor.watch?.detector.terms.interval ?? .zero : .zero
        }
    }
}

extension Cluster {
    /// The monitor begins with the primary, or goes over to a new one.
    func watchPrimary(_ terms: FailureDetector.Terms) throws(LabFailure) {
        let node = primary
        do throws(ListenFailure) {
            try monitor.begin(terms, on: node)
        } catch {
            throw .cannotListen(node: MonitorReport.name, reason: error.description)
        }
    }
}

extension Monitor {
    fileprivate var report: MonitorReport? {
        guard let watch else { return nil }
        let deadSince: LabInstant? =
            switch watch.detector.verdict {
            case .alive: nil
            case .dead(let since): LabTime.instant(since)
            }
        return MonitorReport(
            node: watch.node.name, terms: watch.detector.terms, deadSince: deadSince,
            missed: watch.detector.missed,
            lastAnswer: LabTime.instant(watch.detector.lastAnswer), lag: watch.lag,
            isCut: link?.isCut ?? false)
    }
}
