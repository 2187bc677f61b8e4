/// What the sealer has done since the recorder was opened.
struct SealTally {
    var spans: UInt64 = 0
    var readings: UInt64 = 0
    /// Of spans and chunks, without what SQLite adds.
    var bytes: UInt64 = 0
    /// Readings sealed a second time, because people's files brought others between them.
    var resealedReadings: UInt64 = 0
    /// Rows deleted from `hot`, sealed or moved before.
    var sweptRows: UInt64 = 0
}
