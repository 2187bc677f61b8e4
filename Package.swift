// swift-tools-version: 6.2
import PackageDescription

// Every target is compiled alike: warnings are errors, existentials are spelled out, and an import is visible policy.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "cupel",
    products: [
        .executable(name: "cupel", targets: ["cupel"]),
        // `cupel.so`, for other programs with SQLite inside: `make extension`.
        .library(name: "cupel-extension", type: .dynamic, targets: ["HistoryExtension"]),
    ],
    dependencies: [
        // The two databases: one writer, read-only readers, migrations.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // YAML with line and column numbers, which every configuration error must show.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // The command line: help, completion, validation.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // HTTP on the daemon's Unix socket; `traits: []` leaves the full Foundation out.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // NIO is named because the console asks a channel for its peer's credentials, and takes sockets from systemd; of the
        // extras, which Hummingbird uses anyway, how a server ends in order.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        // The server ecosystem's logging interface and start/stop order.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // The texts that a plant writes for its own sinks.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CModbus", pkgConfig: "libmodbus", providers: [.apt(["libmodbus-dev"])]),
        // Webhooks, mail and syslog from a thread that waits for their answer: one library for HTTP, SMTP and TLS.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // MQTT 5, from the makers of the broker that most plants run.
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        // Digests for webhooks and the audit trail. libcurl brings it into the process anyway; swift-crypto would build
        // BoringSSL, some 350 files, for two functions.
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // The machine's time zones, with their rules for years to come: Foundation brings a copy of its own, which does not
        // learn of a new rule when the machine does, and 34 MB of every language's data with it.
        .systemLibrary(name: "CZones", pkgConfig: "glib-2.0", providers: [.apt(["libglib2.0-dev"])]),
        .target(name: "Digest", dependencies: ["CCrypto"], swiftSettings: strict),
        .target(name: "Plant", swiftSettings: strict),
        .target(name: "CPosix"),
        .target(name: "Ring", dependencies: ["CPosix"], swiftSettings: strict),
        .target(
            name: "PlantConfiguration",
            dependencies: [
                "Plant", .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(name: "Modbus", dependencies: ["CModbus", "CPosix", "Plant"], swiftSettings: strict),
        .target(name: "Acquisition", dependencies: ["Modbus", "Plant", "Ring"], swiftSettings: strict),
        .target(name: "Commissioning", dependencies: ["Acquisition", "Modbus", "Plant"], swiftSettings: strict),
        .target(name: "Detection", dependencies: ["Plant"], swiftSettings: strict),
        // The figures by which an alarm system is judged, from what its journal holds.
        .target(name: "Performance", dependencies: ["Plant"], swiftSettings: strict),
        // What the two databases share.
        .target(
            name: "Store",
            dependencies: [
                .product(name: "GRDB", package: "GRDB.swift"),
                // A copy of a database is made by SQLite itself, from a snapshot that is held meanwhile.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        // How readings are packed, and back: bytes and nothing else.
        .target(name: "Chunks", dependencies: ["Plant"], swiftSettings: strict),
        // Reads a history through a bare connection: in the daemon, in the commands, in other programs' SQLite.
        .target(
            name: "Archive",
            dependencies: ["Chunks", "Plant", .product(name: "GRDBSQLite", package: "GRDB.swift")],
            swiftSettings: strict),
        // SQL over the history: virtual tables, in this program and as an extension of others.
        .target(name: "CHistoryTables"),
        .target(
            name: "HistoryTables",
            dependencies: [
                "Archive", "CHistoryTables", "Plant", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(name: "CExtensionEntry"),
        .target(
            name: "HistoryExtension", dependencies: ["CExtensionEntry", "HistoryTables"], exclude: ["exports.map"],
            swiftSettings: strict),
        .target(
            name: "Historian",
            dependencies: [
                // Digest: readings that outlive a process say by a hash what they mean.
                "Archive", "CZones", "Chunks", "Digest", "HistoryTables", "Plant", "Ring", "Store",
                .product(name: "GRDB", package: "GRDB.swift"),
                // The hot insert and the pages of a query bind and step through SQLite's own calls.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Journal",
            dependencies: [
                "Detection", "Digest", "Plant", "Ring", "Store", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(name: "Watch", dependencies: ["Plant", "Ring", "Detection"], swiftSettings: strict),
        // What would have been: the watch's alarms over recorded scans, without its threads and rings.
        .target(name: "Replay", dependencies: ["Archive", "Detection", "Historian", "Plant"], swiftSettings: strict),
        .target(
            name: "Annunciation",
            dependencies: [
                "CCurl", "CMosquitto", "CPosix", "Digest", "Plant", "Ring",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: strict),
        .target(
            name: "Console",
            dependencies: [
                "Annunciation", "CPosix", "Plant", "Ring",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(name: "Simulation", dependencies: ["CModbus", "CPosix", "Plant", "Ring"], swiftSettings: strict),
        .target(
            name: "Daemon",
            dependencies: [
                "CPosix", "Plant", "Ring", "PlantConfiguration", "Acquisition", "Watch", "Detection", "Historian",
                "Journal", "Store", "Annunciation", "Console",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "cupel",
            dependencies: [
                // libcurl is also the CLI's side of the console's socket.
                "CCurl", "CPosix", "Plant", "PlantConfiguration", "Ring", "Modbus", "Acquisition", "Commissioning",
                "Historian",
                "Journal",
                "Detection", "Performance", "Replay", "Store", "Simulation", "Daemon", "Console", "Archive",
                "Annunciation", "HistoryTables",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        // The baselines that the benchmarks measure against, and the farm of controllers they poll, in C.
        .target(name: "CBaseline", dependencies: ["CModbus"], linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "cupel-bench",
            dependencies: [
                "Acquisition", "Archive", "CBaseline", "Chunks", "CPosix", "Detection", "Historian", "Journal",
                "Modbus", "Plant", "Replay", "Ring",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                // Plain rows in SQLite, which the historian is measured beside.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Sources/Benchmarks", swiftSettings: strict),
        // Feeds the reply parser with what no peer should send.
        .executableTarget(
            name: "cupel-fuzz", dependencies: ["Chunks", "Modbus", "Plant"], path: "Tests/Fuzz", swiftSettings: strict),
        .testTarget(name: "DigestTests", dependencies: ["Digest"], swiftSettings: strict),
        .testTarget(name: "PlantTests", dependencies: ["Plant", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PerformanceTests", dependencies: ["Performance", "Plant", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "RingTests", dependencies: ["Ring", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "RaceTests", dependencies: ["Plant", "Ring"], swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["CPosix", "Plant"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "ModbusTests", dependencies: ["Modbus", "Plant", "TestSupport"], resources: [.copy("Readers")],
            swiftSettings: strict),
        .testTarget(
            name: "AcquisitionTests", dependencies: ["Acquisition", "Modbus", "Plant", "Ring", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CommissioningTests",
            dependencies: ["Acquisition", "Commissioning", "Modbus", "Plant", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "PlantConfigurationTests", dependencies: ["Plant", "PlantConfiguration", "TestSupport"],
            resources: [.copy("Cases")], swiftSettings: strict),
        .testTarget(
            name: "DetectionTests", dependencies: ["Detection", "Plant", "TestSupport"], resources: [.copy("Vectors")],
            swiftSettings: strict),
        .testTarget(
            name: "JournalTests",
            dependencies: [
                "Detection", "Journal", "Plant", "Store", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HistorianTests",
            dependencies: [
                "Archive", "CPosix", "Chunks", "Historian", "Plant", "Ring", "Store", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ChunksTests", dependencies: ["Chunks", "Plant", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ArchiveTests",
            dependencies: [
                "Archive", "Chunks", "Plant", "TestSupport", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Store", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HistoryTablesTests",
            dependencies: [
                "Archive", "Chunks", "HistoryTables", "Plant", "TestSupport",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReplayTests",
            dependencies: ["Archive", "Detection", "Historian", "Plant", "Replay", "Store", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["CModbus", "Plant", "Simulation", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WatchTests", dependencies: ["Detection", "Plant", "Ring", "TestSupport", "Watch"],
            swiftSettings: strict),
        .testTarget(
            name: "AnnunciationTests", dependencies: ["Annunciation", "Plant", "Ring", "TestSupport"],
            resources: [.copy("Servers")], swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Annunciation", "CPosix", "Daemon", "Detection", "Historian", "Journal", "Plant", "Ring",
                "TestSupport", "Watch",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Annunciation", "Console", "Plant", "Ring", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Annunciation", "Archive", "Commissioning", "Console", "cupel", "Historian", "Modbus", "Performance",
                "Plant", "PlantConfiguration", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: ["cupel-bench", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .testTarget(
            name: "ProcessTests",
            // Databases are written by their own modules, so that what a command makes of them is known beforehand.
            dependencies: [
                "Archive", "Historian", "Journal", "Modbus", "Performance", "Plant", "PlantConfiguration", "Ring",
                "TestSupport",
            ],
            exclude: ["Faults/Shim"], resources: [.copy("Servers")], swiftSettings: strict),
        // The package on a real systemd: `make test-service`.
        .testTarget(
            name: "SystemTests", dependencies: ["TestSupport"], exclude: ["Servers"], swiftSettings: strict),
    ]
)

// `make race` builds only what the race tests need: ThreadSanitizer on everything takes ten minutes more.
if Context.environment["CUPEL_RACES_ONLY"] != nil {
    let needed: Set = ["CPosix", "Plant", "Ring", "RaceTests"]
    package.targets.removeAll { !needed.contains($0.name) }
    package.products = []
}
