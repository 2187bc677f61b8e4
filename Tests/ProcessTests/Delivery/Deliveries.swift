import Testing

/// What the places alarms are told at do to the daemon, and what they get all the same.
///
/// One after the other: each of them waits for pauses that a busy machine would stretch.
@Suite(.serialized)
enum Deliveries {}
