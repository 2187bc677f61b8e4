import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore

/// Readings out of people's files, which the daemon takes over because it alone writes the history.
extension Routes {
    func addImports(to router: Router<PeerContext>) {
        router.post("imports") { request, context in try await order(request, context) }
        router.get("imports/:id") { _, context in
            let id = context.parameters.get("id") ?? ""
            guard let report = backend.importReport(id) else {
                return try problem(
                    .notFound, "no import is called \(id)", "it ended long ago; cupel events --kind import lists them")
            }
            return try json(report)
        }
    }

    private func order(_ request: Request, _ context: PeerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        guard let order = try? JSONDecoder().decode(ImportOrder.self, from: Data(body.readableBytesView)) else {
            return try problem(
                .badRequest, "not an import", "expected {\"file\":NAME}, a file that cupel import staged")
        }
        let peer = await context.peer()
        let report: ImportReport
        do throws(ImportTurnedAway) {
            report = try backend.beginImport(order.file, who: peer.name, user: peer.user)
        } catch {
            let status: HTTPResponse.Status =
                switch error.reason {
                case .noSuchFile: .notFound
                case .notAllowed: .forbidden
                case .tooMany: .serviceUnavailable
                }
            return try problem(status, "not imported", error.detail)
        }
        return try json(report)
    }
}
