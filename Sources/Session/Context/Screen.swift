/// A terminal on which a command shows the same again and again, each time in the place of the
/// last. Its real time is the owner's affair: the session reads no clock.
package struct Screen {
    /// Draws a frame over the last one, below lines that stay, and lets so much real time pass.
    /// False: ^C was pressed, or nobody looks any more.
    package typealias Draw = (
        _ staying: [String], _ frame: [String], _ pause: Duration
    ) -> Bool

    let draw: Draw

    /// A screen that is drawn on so.
    package init(draw: @escaping Draw) {
        self.draw = draw
    }
}
