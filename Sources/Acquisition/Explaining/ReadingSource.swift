import Modbus
import Plant

/// Which request of a flight recorder brought a reading.
struct ReadingSource {
    /// Periods that may lie between a request and the time that a person names: as long as a last value counts as
    /// fresh, a late scan and a lost one.
    static let patience = 3

    let exchange: Exchange
    /// The value is refused and left out of the scan; this is the request that it was refused with.
    var isRefusedSince = false
    /// The exchange is older than a value may be.
    var isStale = false

    /// What a moment is, to which a request is to be found.
    enum Moment {
        /// The time of a scan, or about that.
        case scan
        /// When the last value before it was used; it may be stale.
        case use
    }

    /// - Parameters:
    ///   - utc: UTC nanoseconds since 1970.
    ///   - all: the exchanges of the controller's line, in the order they were sent.
    /// - Returns: nil when no request for the tag belongs to that time.
    init?(_ tag: Tag, in plant: Plant, at utc: Int64, as moment: Moment, among all: [Exchange]) {
        guard let registers = tag.registers else { return nil }
        let controller = plant.controllers[tag.controller]
        let period = plant.groups[tag.group].period.nanoseconds
        let oldest = utc - period * Int64(Self.patience) - controller.timeout.nanoseconds
        let ours = all.filter { $0.unit == controller.unit }
        let covering = ours.filter { exchange in
            exchange.table == registers.table && exchange.start <= Int(registers.start)
                && exchange.asked.range.end >= registers.end
        }
        if moment == .scan, let exchange = Self.first(of: covering, from: utc - 1_000_000, to: utc + period) {
            self.init(exchange: exchange)
            return
        }
        let earlier = covering.filter { $0.request.utc <= utc }
        // What was still on its way then had not failed yet.
        let last = earlier.last { !$0.isOnItsWay(at: utc, controller.timeout) } ?? earlier.last
        guard let last else { return nil }
        self.init(exchange: last)
        if last.request.utc >= oldest { return }
        let isScanned = ours.contains { $0.request.utc >= oldest && $0.request.utc < utc + period }
        if case .failure(.exception) = last.values, isScanned {
            isRefusedSince = true
        } else if moment == .use {
            isStale = true
        } else {
            return nil
        }
    }

    private init(exchange: Exchange) { self.exchange = exchange }

    /// A scan may ask more than once for what was refused at first: what was answered in the end is what was kept.
    private static func first(of exchanges: [Exchange], from start: Int64, to end: Int64) -> Exchange? {
        let inScan = exchanges.filter { $0.request.utc > start && $0.request.utc < end }
        return inScan.first { if case .success = $0.values { true } else { false } } ?? inScan.first
    }
}

extension Exchange {
    fileprivate func isOnItsWay(at utc: Int64, _ timeout: Duration) -> Bool {
        guard let reply else { return request.utc + timeout.nanoseconds > utc }
        return reply.utc > utc
    }
}
