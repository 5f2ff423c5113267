import Storage
import WALFormat
import WireProtocol

// What SQL functions do to a primary's log.
extension NodeProcess {
    /// Ends the segment being written; gives the end of the record that says so (or where the log
    /// stands if the segment holds nothing yet). PostgreSQL: `RequestXLogSwitch`.
    func switchWAL() throws(ServerError) -> LSN {
        try checkMayWrite("pg_switch_wal()")
        let switched: WALInserter.Inserted
        do throws(TableError) {
            switched = try database.switchSegment()
        } catch {
            throw ServerError(error)
        }
        guard switched.start != switched.end else { return switched.end }
        return database.segmentSize.end(ofSwitchAt: switched.start)
    }
}

extension SegmentSize {
    /// The end of a switch record, whose header of 24 bytes may go on behind a page's header.
    fileprivate func end(ofSwitchAt start: LSN) -> LSN {
        let (page, record): (UInt64, UInt64) = (8192, 24)
        let end = start.advanced(by: Int(record))
        guard start.rawValue / page != end.rawValue / page else { return end }
        let isSegmentStart = offset(of: LSN(end.rawValue / page * page)) == 0
        return end.advanced(by: isSegmentStart ? 40 : 24)
    }
}
