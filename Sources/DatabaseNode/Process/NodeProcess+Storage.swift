package import Storage
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

    /// Prunes versions of rows that nobody can see any more. PostgreSQL: `VACUUM`.
    package func vacuum() throws(ServerError) -> VacuumReport {
        try checkMayWrite("VACUUM")
        do throws(TableError) {
            return try database.vacuum()
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
