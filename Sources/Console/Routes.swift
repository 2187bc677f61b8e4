import Annunciation
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Plant

/// The daemon's API. Everything that changes anything says who asked for it.
struct Routes {
    /// Lines one history request may ask for; beyond it the client asks again from where it got to.
    static let historyLimit = 10_000

    let backend: any ConsoleBackend

    func router() -> Router<PeerContext> {
        let router = Router(context: PeerContext.self)
        router.add(middleware: OperatorsOnly(routes: self))
        router.get("status") { request, _ in
            if request.query("text") == nil { return json(backend.status()) }
            return Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: backend.statusText())))
        }
        router.get("tags") { request, _ in try json(backend.tags(matching: request.query("match") ?? "*")) }
        router.get("now") { request, _ in try json(backend.now(matching: request.query("match") ?? "*")) }
        router.get("frames") { request, _ in try frames(request) }
        router.get("explain") { request, _ in try explain(request) }
        router.get("alarms") { request, _ in try json(backend.alarms(all: request.query("all") != nil)) }
        router.get("alarms/history") { request, _ in try await history(request) }
        router.get("alarms/stream") { request, context in try await stream(request, context) }
        for kind in OperatorCommand.allCases {
            router.post("alarms/\(kind.rawValue)") { request, context in try await command(kind, request, context) }
        }
        router.get("heats") { _, _ in try json(backend.heats()) }
        router.post("heats") { request, context in try await heat(request, context) }
        addSinks(to: router)
        addHistory(to: router)
        addImports(to: router)
        router.post("reload") { _, context in
            switch await backend.reload(who: context.peer().name) {
            case .success(let report): return try json(report)
            case .failure(let refusal):
                return try problem(.badRequest, "not reloaded; the old configuration goes on", refusal.errors)
            }
        }
        return router
    }

    private func frames(_ request: Request) throws -> Response {
        let name = request.query("controller") ?? ""
        let since = request.query("since").flatMap { Int64($0) }.map { min(max($0, 0), UTCTime.writable.upperBound) }
        guard let capture = backend.frames(of: name, since: since) else {
            return try problem(.notFound, "no controller is called \(name)", "expected the name of a controller")
        }
        return Response(
            status: .ok, headers: [.contentType: "application/vnd.tcpdump.pcap"], body: .init(byteBuffer: capture))
    }

    private func explain(_ request: Request) throws -> Response {
        guard let tag = request.query("tag"), let time = request.query("time").flatMap({ Int64($0) }),
            UTCTime.writable.contains(time)
        else {
            return try problem(.badRequest, "not a reading", "expected a tag, and a time in UTC milliseconds")
        }
        do throws(ExplanationProblem) {
            return json(try backend.explain(tag: tag, at: time))
        } catch {
            return try problem(.notFound, "this reading cannot be explained", error.detail)
        }
    }

    private func history(_ request: Request) async throws -> Response {
        let (after, limit): (Int64?, Int)
        do throws(QueryProblem) {
            (after, limit) = (try request.number("since", 0...), try request.limit())
        } catch {
            return try problem(.badRequest, error.title, error.detail)
        }
        let lines: [AlarmLine]
        if let after {
            lines = try await backend.history(after: after, limit: limit, again: false)
        } else {
            lines = try await backend.newest(limit: limit)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: .init(byteBuffer: ByteBuffer(string: lines.map(\.json).joined())))
    }

    private func command(_ kind: OperatorCommand, _ request: Request, _ context: PeerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        let asked: [CommandRequest]
        do {
            asked = try JSONDecoder().decode([CommandRequest].self, from: Data(body.readableBytesView))
        } catch {
            return try problem(
                .badRequest, "not a list of commands", "expected [{\"alarm\":NAME,\"occurrence\":N,\"revision\":N}]")
        }
        let who = await context.peer().name
        return try json(await backend.command(kind, asked, who: who))
    }

    private func heat(_ request: Request, _ context: PeerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        guard let heat = try? JSONDecoder().decode(HeatReport.self, from: Data(body.readableBytesView)) else {
            return try problem(
                .badRequest, "not a heat",
                "expected {\"controller\":NAME,\"heat\":NAME,\"product\":NAME}, or without heat to end it")
        }
        return try json(await backend.beginHeat(heat, who: await context.peer().name))
    }

    func problem(_ status: HTTPResponse.Status, _ title: String, _ detail: String) throws -> Response {
        var response = try json(ProblemReport(title: title, status: status.code, detail: detail))
        response.status = status
        response.headers[.contentType] = "application/problem+json"
        return response
    }

    func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return json(ByteBuffer(bytes: try encoder.encode(value)))
    }

    private func json(_ buffer: ByteBuffer) -> Response {
        Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: buffer))
    }
}

extension Request {
    /// A query parameter, decoded.
    func query(_ name: String) -> String? { uri.queryParameters[Substring(name)].map(String.init) }

    /// A query parameter that is a number; `nil` without it.
    func number(_ name: String, _ range: PartialRangeFrom<Int64>) throws(QueryProblem) -> Int64? {
        guard let text = query(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw QueryProblem(
                title: "not a number: \(name)", detail: "found \(text), expected \(range.lowerBound) or more")
        }
        return number
    }

    /// How many events are asked for; 100 where nothing is said, no more than one answer holds.
    func limit() throws(QueryProblem) -> Int {
        Int(min(try number("limit", 1...) ?? 100, Int64(Routes.historyLimit)))
    }
}

/// What is wrong with a query parameter.
struct QueryProblem: Error {
    let title: String
    let detail: String
}
