import Annunciation
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// How delivery does, and what is done about it.
extension Routes {
    func addSinks(to router: Router<PeerContext>) {
        router.get("sinks") { _, _ in try json(backend.sinks()) }
        router.get("sinks/readers") { _, _ in try json(backend.streams.reports()) }
        router.get("sinks/letters") { request, _ in try await letters(request) }
        router.get("sinks/deliveries") { request, _ in try await deliveries(request) }
        router.post("sinks/test") { request, context in
            guard let asked = try await asked(request, context) else { return try malformed() }
            guard let trial = await backend.testSink(asked.sink, who: context.peer().name) else {
                return try unknown(asked.sink)
            }
            return try json(trial)
        }
        router.post("sinks/resend") { request, context in
            guard let asked = try await asked(request, context) else { return try malformed() }
            guard let report = try await backend.resend(asked, who: context.peer().name) else {
                return try unknown(asked.sink)
            }
            return try json(report)
        }
    }

    /// A sink that is gone keeps its letters; one that never was has none.
    private func letters(_ request: Request) async throws -> Response {
        let sink = request.query("sink")
        let letters = try await backend.letters(of: sink)
        if letters.isEmpty, let sink, !backend.sinks().contains(where: { $0.name == sink }) {
            return try unknown(sink)
        }
        return try json(letters)
    }

    private func deliveries(_ request: Request) async throws -> Response {
        let (sequence, limit): (Int64?, Int)
        do throws(QueryProblem) {
            (sequence, limit) = (try request.number("seq", 1...), try request.limit())
        } catch {
            return try problem(.badRequest, error.title, error.detail)
        }
        return try await deliveries(of: sequence, limit: limit)
    }

    private func deliveries(of sequence: Int64?, limit: Int) async throws -> Response {
        if let sequence {
            let event = try await backend.history(after: sequence - 1, limit: 1, again: false).first
            guard event?.sequence == sequence else {
                return try problem(
                    .notFound, "the journal has no event \(sequence)", "expected the number of an event")
            }
        }
        return try json(await backend.deliveries(of: sequence, limit: limit))
    }

    private func asked(_ request: Request, _ context: PeerContext) async throws -> SinkRequest? {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        return try? JSONDecoder().decode(SinkRequest.self, from: Data(body.readableBytesView))
    }

    private func malformed() throws -> Response {
        try problem(.badRequest, "names no sink", "expected {\"sink\":NAME}")
    }

    private func unknown(_ sink: String) throws -> Response {
        let names = backend.sinks().map(\.name).joined(separator: ", ")
        return try problem(
            .notFound, "no sink is called \(sink)",
            names.isEmpty ? "this plant has no sinks" : "expected one of \(names)")
    }
}
