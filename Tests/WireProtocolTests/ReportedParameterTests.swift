import Testing
import WALFormat
import WireProtocol

struct ReportedParameterTests {
    @Test(arguments: [
        LogPosition(.first, LSN(0)), LogPosition(Timeline(7), LSN(0x1_0000_0270)),
        LogPosition(Timeline(.max), LSN(.max)),
    ])
    func `a commit's position is read as it was written`(position: LogPosition) {
        #expect(ReportedParameter.position(ReportedParameter.text(position)) == position)
    }

    @Test(arguments: [
        "", " ", "2", "2 ", " 0/270", "0/270", "2  0/270", "x 0/270", "2 270", "-1 0/270",
        "4294967296 0/270", "2 0/270 3",
    ])
    func `a text that is none is no position`(text: String) {
        #expect(ReportedParameter.position(text) == nil)
    }
}
