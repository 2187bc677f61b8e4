import Testing

/// What a plant does to its historian: kills, power cuts, full and failing disks, other users, damage and clocks that jump.
///
/// One after the other: each of them looks at a daemon that is under load.
@Suite(.serialized)
enum Faults {}
