/// Reads what passes between the end that dialled a link and the link itself, in both ways, as that
/// end has it: bytes it has been handed, and bytes it has sent. It changes nothing.
///
/// For an end that is none of the lab's own: what came to it and what it answered can be known
/// only here.
public protocol LinkTap: AnyObject {
    /// The end has connected; `session` numbers its connections.
    func opened(session: Int)

    /// The link has let these bytes through to the end.
    func delivered(_ bytes: [UInt8], session: Int)

    /// The end has sent these bytes.
    func sent(_ bytes: [UInt8], session: Int)

    /// The connection is no more.
    func closed(session: Int)
}
