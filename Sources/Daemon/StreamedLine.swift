public import Annunciation
import Journal

extension AlarmLine {
    /// The event that a reader of the stream was sent, with everything that a sink knows of it.
    public init(streamed json: String) throws { self.init(try AlarmNotice(jsonLine: json)) }
}
