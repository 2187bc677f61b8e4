/// How a state is saved and loaded again.
extension AlarmState {
    /// What an older version did not know was never set; what every version wrote must be there. A word that means
    /// nothing is an error: an alarm must not go silent because its state was misread.
    public init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        condition = try saved.decode(Bool.self, forKey: .condition)
        latched = try saved.decode(Bool.self, forKey: .latched)
        acknowledged = try saved.decode(Bool.self, forKey: .acknowledged)
        occurrence = try saved.decode(Int.self, forKey: .occurrence)
        revision = try saved.decode(Int.self, forKey: .revision)
        evidence = try saved.decode(Evidence.self, forKey: .evidence)
        try saved.load(.level, into: &level)
        try saved.load(.topLevel, into: &topLevel)
        try saved.load(.limit, into: &limit)
        try saved.load(.priority, into: &priority)
        try saved.load(.topPriority, into: &topPriority)
        try saved.load(.raisedAt, into: &raisedAt)
        try saved.load(.clearedAt, into: &clearedAt)
        try saved.load(.raisedValue, into: &raisedValue)
        try saved.load(.firstOut, into: &firstOut)
        try saved.load(.reAlarmDue, into: &reAlarmDue)
        try saved.load(.shelf, into: &shelf)
        try saved.load(.suppression, into: &suppression)
        try saved.load(.suppressedBy, into: &suppressedBy)
        try saved.load(.outOfService, into: &outOfService)
        try saved.load(.chart, into: &chart)
    }
}

extension AlarmState.Evidence {
    public init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        unconfirmed = try saved.decode(Bool.self, forKey: .unconfirmed)
        qualityCode = try saved.decode(UInt8.self, forKey: .qualityCode)
        try saved.load(.verdict, into: &verdict)
        try saved.load(.level, into: &level)
        try saved.load(.limit, into: &limit)
        try saved.load(.priority, into: &priority)
        try saved.load(.since, into: &since)
        try saved.load(.lastGood, into: &lastGood)
        try saved.load(.value, into: &value)
        try saved.load(.figure, into: &figure)
        try saved.load(.detail, into: &detail)
        try saved.load(.badSince, into: &badSince)
        try saved.load(.runs, into: &runs)
    }
}

extension Suppression {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self.init(rawValue: try container.decode(UInt8.self))
        guard isSubset(of: .all) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no such reason to suppress")
        }
    }
}

extension KeyedDecodingContainer {
    fileprivate func load<Value: Decodable>(_ key: Key, into value: inout Value?) throws {
        value = try decodeIfPresent(Value.self, forKey: key)
    }

    fileprivate func load<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        value = try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}
