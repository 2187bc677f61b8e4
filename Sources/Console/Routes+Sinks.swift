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
        router.get("sinks/letters") { request, _ in try json(await backend.letters(of: request.query("sink"))) }
        router.get("sinks/deliveries") { request, _ in
            let limit = min(max(Int(request.query("limit") ?? "") ?? 100, 1), Routes.historyLimit)
            return try json(await backend.deliveries(of: request.query("seq").flatMap { Int64($0) }, limit: limit))
        }
        router.post("sinks/test") { request, context in
            guard let asked = try await asked(request, context) else { return try malformed() }
            guard let trial = await backend.testSink(asked.sink, who: context.peer()) else {
                return try unknown(asked.sink)
            }
            return try json(trial)
        }
        router.post("sinks/resend") { request, context in
            guard let asked = try await asked(request, context) else { return try malformed() }
            guard let report = try await backend.resend(asked, who: context.peer()) else {
                return try unknown(asked.sink)
            }
            return try json(report)
        }
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
