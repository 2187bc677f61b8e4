/// A lot that a controller makes, or made.
public struct HeatRecord: Codable, Hashable, Sendable {
    /// The controller's name.
    public var controller: String
    /// The lot's number, as the plant writes it.
    public var heat: String
    public var product: String?
    /// UTC milliseconds.
    public var began: Int64
    /// `nil` while it is being made.
    public var ended: Int64?
    /// Who said that it began: an operator, or the production records.
    public var who: String

    public init(
        controller: String, heat: String, product: String? = nil, began: Int64, ended: Int64? = nil, who: String
    ) {
        self.controller = controller
        self.heat = heat
        self.product = product
        self.began = began
        self.ended = ended
        self.who = who
    }
}
