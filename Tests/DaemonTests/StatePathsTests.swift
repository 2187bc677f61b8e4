import Foundation
import Testing

@testable import Daemon

struct StatePathsTests {
    @Test func relativePathsAreBelowTheStateDirectory() {
        let paths = StatePaths(state: "/var/lib/cupel/")
        #expect(paths.path("history.db") == "/var/lib/cupel/history.db")
        #expect(paths.path("/data/history.db") == "/data/history.db")
    }

    @Test func theSocketIsWhereItsDirectoryExists() {
        let there = NSTemporaryDirectory()
        let paths = StatePaths(state: "/state")
        #expect(paths.socket(configured: there + "/cupel.sock") == there + "/cupel.sock")
        #expect(paths.socket(configured: "/nonexistent/cupel.sock") == "/state/cupel.sock")
        #expect(paths.socket(configured: nil) == "/state/cupel.sock")
    }

    /// Several plants on one machine: `cupel@north` has /var/lib/cupel-north and /run/cupel-north.
    @Test func eachPlantHasItsOwnRunDirectory() {
        // Of every Linux: a directory below /run that is there.
        #expect(StatePaths(state: "/var/lib/lock").socket(configured: nil) == "/run/lock/cupel.sock")
        #expect(StatePaths(state: "/var/lib/no-such").socket(configured: nil) == "/var/lib/no-such/cupel.sock")
        #expect(StatePaths(state: "/var/lib/lock/deeper").socket(configured: nil) == "/var/lib/lock/deeper/cupel.sock")
        #expect(StatePaths(state: "/srv/lock").socket(configured: nil) == "/srv/lock/cupel.sock")
    }
}
