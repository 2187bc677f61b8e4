import Annunciation
import NIOCore
import Plant

/// One reader on the stream's socket: what it says, and what it is sent.
struct StreamClient {
    let channel: any Channel
    let backend: any ConsoleBackend
    let who: String

    private enum Greeting {
        case hello(StreamHello)
        /// It was shown the door before it had begun.
        case refused
    }

    /// Serves it until it goes, is cut off, or the daemon stops.
    func run(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, isCrowded: Bool) async {
        let streams = backend.streams
        guard !isCrowded, let reader = backend.feed.join() else {
            streams.noteTurnedAway()
            let reason =
                backend.feed.isClosed
                ? "the daemon is stopping" : "no place for another reader: \(backend.feed.readers) are reading"
            try? await write([StreamLines.refusal(reason)])
            return
        }
        let figures = StreamFigures(who: who, via: .socket, connected: SystemClock().wall() / 1_000_000)
        let id = streams.add(figures, reader) { [channel] in channel.close(promise: nil) }
        defer { streams.remove(id) }
        // A reader that waits for news does not wait on its socket.
        channel.closeFuture.whenComplete { _ in reader.finish() }
        let joined = reader.sequence
        await withDiscardingTaskGroup { group in
            let (greetings, arriving) = AsyncStream.makeStream(of: Greeting.self, bufferingPolicy: .bufferingOldest(1))
            group.addTask {
                await listen(to: inbound, figures, since: joined, arriving)
                arriving.finish()
            }
            group.addTask {
                try? await Task.sleep(for: StreamServer.helloPatience)
                arriving.finish()
            }
            await tell(reader, figures, greetings)
            group.cancelAll()
        }
    }

    // MARK: Out

    private func tell(
        _ reader: FeedReader, _ figures: StreamFigures, _ greetings: AsyncStream<Greeting>
    ) async {
        do {
            try await write([StreamLines.hello(backend.greeting, last: reader.sequence)])
            var hello = StreamHello.anonymous
            for await greeting in greetings {
                guard case .hello(let said) = greeting else { return }
                hello = said
                break
            }
            let end = try await StreamPump.run(hello, backend: backend, reader: reader, figures: figures, put: write)
            if end == .cut { backend.streams.noteCut() }
        } catch  where error is ChannelError || error is IOError {
            // EPIPE, ECONNRESET, closed by the patrol: it has gone.
        } catch {
            try? await write([StreamLines.refusal("the journal cannot be read: \(error)")])
        }
    }

    /// Waits until the kernel has them.
    private func write(_ lines: [FeedLine]) async throws {
        try await channel.writeAndFlush(StreamClient.buffer(lines))
    }

    private static func buffer(_ lines: [FeedLine]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(lines.reduce(0) { $0 + $1.line.json.utf8.count })
        for line in lines { buffer.writeString(line.line.json) }
        return buffer
    }

    // MARK: In

    /// Takes what it says until it says no more. A reader that only closes its side goes on being served.
    private func listen(
        to inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ figures: StreamFigures, since joined: Int64,
        _ arriving: AsyncStream<Greeting>.Continuation
    ) async {
        var framer = StreamFramer()
        var isGreeted = false
        do {
            for try await bytes in inbound {
                framer.append(bytes)
                while let line = try framer.next() { try take(line, figures, since: joined, &isGreeted, arriving) }
            }
        } catch let refusal as StreamRefusal {
            arriving.yield(.refused)
            // Not waited for: what is on its way to a reader that takes nothing is not known to end.
            channel.writeAndFlush(StreamClient.buffer([StreamLines.refusal(refusal.text)]), promise: nil)
            channel.close(mode: .all, promise: nil)
        } catch {
            // It has gone; the writing side hears of it as well.
        }
    }

    private func take(
        _ line: ByteBufferView, _ figures: StreamFigures, since joined: Int64, _ isGreeted: inout Bool,
        _ arriving: AsyncStream<Greeting>.Continuation
    ) throws(StreamRefusal) {
        switch try StreamMessage(line: line) {
        case .hello(let hello):
            if isGreeted { throw StreamRefusal("expected one hello") }
            isGreeted = true
            figures.introduce(name: hello.name, acknowledges: hello.acknowledges, after: hello.since ?? joined)
            // Too late only for a place: what stands has been sent already.
            guard case .enqueued = arriving.yield(.hello(hello)) else {
                guard hello.since == nil else {
                    throw StreamRefusal("expected since within \(StreamServer.helloPatience.milliseconds) ms")
                }
                return
            }
            arriving.finish()
        case .acknowledge(let sequence):
            if let newest = figures.acknowledge(sequence, at: SystemClock().monotonic()) {
                throw StreamRefusal("expected an acknowledgement of at most \(newest), the newest that was sent")
            }
        }
    }
}
