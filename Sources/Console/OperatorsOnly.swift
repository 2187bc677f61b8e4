import Hummingbird

/// Who may connect may read. What changes anything, every POST, is for operators: nothing can be forgotten here when a
/// route is added.
struct OperatorsOnly: RouterMiddleware {
    let routes: Routes

    func handle(
        _ request: Request, context: PeerContext, next: (Request, PeerContext) async throws -> Response
    ) async throws -> Response {
        guard request.method != .get, request.method != .head else { return try await next(request, context) }
        let operators = routes.backend.operators
        let peer = await context.peer()
        if peer.mayOperate(operators) { return try await next(request, context) }
        let name = peer.name
        routes.backend.turnedAway(name, from: String(request.uri.path.drop { $0 == "/" }))
        return try routes.problem(
            .forbidden, "\(name) may read, and do nothing",
            operators.map { "expected a member of the group \($0) (console.operators)" }
                ?? "expected a user that the system knows")
    }
}
