import ArgumentParser
import Commissioning
import Modbus
import Plant
import PlantConfiguration

struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Reads registers once and shows them as every type in every order, the plausible ones marked.")

    @OptionGroup var ask: AskOptions
    @Argument(help: "HOST, HOST:PORT, or a controller of the configuration.") var party: String
    @Option(help: "The unit identifier, 0 to 255; otherwise the controller's, or 1.") var unit: UInt8?
    @Option(help: "The first register: holding:10, hr:10, holding:0x000A, 4x00011. The tag's when left out.")
    var register: String?
    @Option(help: "How many, 1 to 125 registers or 1 to 2000 bits.") var count: Int?
    @Option(help: "How --register counts; otherwise from 0, and 40011 with a controller of notation modicon.")
    var notation: Choice<AddressNotation>?
    @Option(help: "The engineering range in which a value is plausible, LOW:HIGH.") var range: LimitsText?
    @Option(help: "The tag of the controller that is expected there; gives register, scale and range.")
    var tag: String?
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
        let party = try ask.party(party)
        let expected = try expectedTag(party)
        let request = try request(party, expected)
        let answer = try await party.asked { inquiry -> Result<Reply, ModbusError> in
            do throws(ModbusError) { return .success(try inquiry.ask(request)) } catch { return .failure(error) }
        }
        let reply: Reply
        switch answer {
        case .success(let answered): reply = answered
        case .failure(let error): throw failed(error, party, request)
        }
        let report = ReadReport(reply, from: party, expecting: expectation(party, expected), tag: expected)
        if json { Output.line(try jsonLine(report)) } else { Output.write(report.text) }
        if let error = reply.error { throw failed(error, party, request) }
    }

    private func failed(_ error: ModbusError, _ party: Party, _ request: ReadRequest) -> ExitCode {
        Output.complain("cupel: \(party.name), unit \(request.unit), \(request.range): \(error.advice)")
        return error.exitCode
    }

    private func expectedTag(_ party: Party) throws -> Tag? {
        guard let name = tag else { return nil }
        guard let (controller, plant) = party.known else {
            throw ValidationError("--tag needs a controller of the configuration, not an address")
        }
        let found = plant.tags.first {
            $0.controller == controller.id && ($0.name == name || $0.localName == name)
        }
        guard let found, found.registers != nil else {
            throw ValidationError("found tag \"\(name)\", expected a tag that is read from \(controller.name)")
        }
        return found
    }

    private func request(_ party: Party, _ tag: Tag?) throws -> ReadRequest {
        // What is printed can be typed again: holding:10 is the wire address unless somebody says otherwise, also for an
        // instrument whose manual counts from 1.
        let isModicon = party.known?.controller.notation == .modicon
        let notation = notation?.value ?? (isModicon ? .modicon : .zeroBased)
        let table: RegisterTable
        let start: Int
        if let register {
            do {
                let address = try TypedRegister(register, notation: notation)
                (table, start) = (address.table, address.address)
            } catch {
                throw ValidationError("\(error)")
            }
        } else if let place = tag?.registers {
            (table, start) = (place.table, Int(place.start))
        } else {
            throw ValidationError("--register is missing; expected a register such as holding:10, or --tag")
        }
        let count = count ?? tag?.registers?.count ?? 1
        guard let range = RegisterRange(table: table, start: start, count: count),
            let request = ReadRequest(unit: unit ?? party.unit, range: range)
        else {
            throw ValidationError(
                "found \(count) from \(table.rawValue):\(start), expected 1 to \(table.protocolLimit), none beyond 65535"
            )
        }
        return request
    }

    /// What is known of a place: the range that was typed, else that of the tag that is configured there.
    private func expectation(_ party: Party, _ tag: Tag?) -> (RegisterRange) -> Meaning.Expectation? {
        if let range {
            let expected = Meaning.Expectation(range: range.range, scale: tag?.scale ?? 1, offset: tag?.offset ?? 0)
            return { _ in expected }
        }
        let tags = party.known.map { known in
            known.plant.tags.filter { $0.controller == known.controller.id && $0.range != nil }
        }
        return { place in
            let there = (tag.map { [$0] } ?? tags ?? []).first {
                $0.registers?.table == place.table && $0.registers?.start == place.start
            }
            guard let there, let range = there.range else { return nil }
            return Meaning.Expectation(range: range, scale: there.scale, offset: there.offset)
        }
    }
}
