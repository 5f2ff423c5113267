/// How a message's fields fail to fit its length.
public enum Malformation: Error, Hashable, Sendable, CustomStringConvertible {
    /// A text without its NUL.
    case missingTerminator
    /// A field reaches past the end of the message.
    case insufficientData
    /// This many bytes are left after the last field.
    case trailingBytes(Int)
    /// A text that is not UTF-8; the first sequence that is wrong.
    case invalidText([UInt8])
    /// A field holds a value that is not defined for it.
    case undefinedValue(Int)
    /// A Bind with neither no, one, nor as many parameter formats as parameters.
    case formatCount(formats: Int, parameters: Int)
}
