import Annunciation
import NIOCore
import Plant

/// One reader on the stream's socket: what it says, and what it is sent.
struct StreamClient {
    let channel: any Channel
    let backend: any ConsoleBackend
    let who: String

    /// Serves it until it goes, is cut off, or the daemon stops.
    func run(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, isCrowded: Bool) async {
        let streams = backend.streams
        guard !isCrowded, let reader = backend.feed.join() else {
            // Who comes while the daemon stops gets what everybody gets then, the end of the stream: not refused, but gone.
            if backend.feed.isClosed { return }
            streams.noteTurnedAway()
            let reason = "no place for another reader: \(backend.feed.readers) are reading"
            try? await write([StreamLines.refusal(reason)])
            return
        }
        let figures = StreamFigures(who: who, via: .socket, connected: SystemClock().wall() / 1_000_000)
        let id = streams.add(figures, reader) { [channel] in channel.close(promise: nil) }
        defer { streams.remove(id) }
        // A reader that waits for news does not wait on its socket.
        channel.closeFuture.whenComplete { _ in reader.finish() }
        let desk = StreamDesk(reader)
        await withDiscardingTaskGroup { group in
            // Before anything is heard of it: an answer to what it says cannot be the first line.
            guard (try? await write([StreamLines.hello(backend.greeting, last: desk.joined)])) != nil else { return }
            group.addTask {
                await listen(to: inbound, figures, desk)
                desk.open()
            }
            group.addTask {
                try? await Task.sleep(for: StreamServer.helloPatience)
                desk.open()
            }
            await tell(reader, figures, desk)
            group.cancelAll()
        }
    }

    // MARK: Out

    private func tell(_ reader: FeedReader, _ figures: StreamFigures, _ desk: StreamDesk) async {
        do {
            await desk.waitUntilOpen()
            let end = try await StreamPump.run(
                desk.take() ?? .anonymous, backend: backend, reader: reader, figures: figures, late: desk.take,
                put: write)
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
        to inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ figures: StreamFigures, _ desk: StreamDesk
    ) async {
        var framer = StreamFramer()
        var isGreeted = false
        do {
            for try await bytes in inbound {
                framer.append(bytes)
                while let line = try framer.next() { try take(line, figures, desk, &isGreeted) }
            }
        } catch let refusal as StreamRefusal {
            // Not waited for: what is on its way to a reader that takes nothing is not known to end.
            channel.writeAndFlush(StreamClient.buffer([StreamLines.refusal(refusal.text)]), promise: nil)
            channel.close(mode: .all, promise: nil)
        } catch {
            // It has gone; the writing side hears of it as well.
        }
    }

    private func take(
        _ line: ByteBufferView, _ figures: StreamFigures, _ desk: StreamDesk, _ isGreeted: inout Bool
    ) throws(StreamRefusal) {
        switch try StreamMessage(line: line) {
        case .hello(let hello):
            if isGreeted { throw StreamRefusal("expected one hello") }
            isGreeted = true
            figures.introduce(name: hello.name, acknowledges: hello.acknowledges, after: hello.since ?? desk.joined)
            desk.put(hello)
        case .acknowledge(let sequence):
            if let newest = figures.acknowledge(sequence, at: SystemClock().monotonic()) {
                throw StreamRefusal("expected an acknowledgement of at most \(newest), the newest that was sent")
            }
        }
    }
}
