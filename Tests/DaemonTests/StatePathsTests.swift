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
    }
}
