import Storage
package import WireProtocol

// What commands do to a node's disk and its table.
extension NodeProcess {
    /// Makes its disk fail, or stop failing.
    package func setDiskFault(_ fault: DiskFault) {
        switch fault {
        case .full: faults.limitRoom(to: 0)
        case .room(let count):
            faults.limitRoom(to: count)
            log.tryForRoom()
        case .syncError: faults.failNextSyncs()
        case .none:
            faults.limitRoom(to: nil)
            log.tryForRoom()
        }
    }

    /// Prunes versions of rows that nobody can see any more, here or on a replica that says what
    /// its readers need. PostgreSQL: `VACUUM`.
    package func vacuum() throws(ServerError) -> VacuumResult {
        try checkMayWrite("VACUUM")
        let holders = rowHolders
        do throws(TableError) {
            let report = try database.vacuum(sparing: holders.map(\.xmin).min())
            let newest = report.newestSpared
            return VacuumResult(
                report: report,
                holders: holders.filter { holder in newest.map { holder.xmin <= $0 } ?? false })
        } catch {
            throw ServerError(error)
        }
    }

    /// Turns full-page images in its log on or off.
    package func setFullPageWrites(_ isOn: Bool) throws(ServerError) {
        try checkMayWrite("ALTER SYSTEM")
        do throws(TableError) {
            try database.setFullPageWrites(isOn)
        } catch {
            throw ServerError(error)
        }
    }
}
