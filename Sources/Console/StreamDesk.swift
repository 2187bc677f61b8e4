import Annunciation
import Synchronization

/// Where a reader says who it is and where it goes on: waited for at first, and heard whenever it comes.
final class StreamDesk: Sendable {
    /// The newest number there was when it came.
    let joined: Int64
    private let reader: FeedReader
    private let said = Mutex<StreamHello?>(nil)
    private let opening: AsyncStream<Void>
    private let opened: AsyncStream<Void>.Continuation

    init(_ reader: FeedReader) {
        self.reader = reader
        joined = reader.sequence
        (opening, opened) = AsyncStream.makeStream(of: Void.self)
    }

    /// The wait is over: it has spoken, or says nothing in time, or nothing more.
    func open() { opened.finish() }

    /// One task may wait.
    func waitUntilOpen() async { for await _ in opening {} }

    /// Whoever waits for news looks up.
    func put(_ hello: StreamHello) {
        said.withLock { $0 = hello }
        open()
        reader.nudge()
    }

    /// What it said since the last look.
    func take() -> StreamHello? {
        said.withLock { said in
            defer { said = nil }
            return said
        }
    }
}
