import FoundationEssentials
import Hummingbird
import NIOCore

/// What the daemon alone can do to the history, because it alone writes it.
extension Routes {
    func addHistory(to router: Router<PeerContext>) {
        router.post("annotations") { request, context in try await annotate(request, context) }
    }

    private func annotate(_ request: Request, _ context: PeerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        guard let note = try? JSONDecoder().decode(AnnotationRequest.self, from: Data(body.readableBytesView)) else {
            return try problem(
                .badRequest, "not a note",
                "expected {\"text\":TEXT,\"tag\":NAME,\"start_ms\":UTC MILLISECONDS,\"end_ms\":UTC MILLISECONDS}")
        }
        if let fault = note.fault { return try problem(.badRequest, "not noted", fault) }
        let report: AnnotationReport
        do throws(AnnotationRefusal) {
            report = try await backend.annotate(note, who: await context.peer().name)
        } catch {
            return try problem(.notFound, "not noted", error.detail)
        }
        return try json(report)
    }
}
