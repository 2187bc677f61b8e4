import Detection
import Foundation
import GRDB
import Plant
import Store
import Testing

@testable import Journal

/// A journal that an earlier version of the schema wrote, opened by this version.
@Suite struct MigrationTests {
    /// As version 1 made it, with a row in each table.
    private static let version1 = """
        PRAGMA application_id = 0x4375704A;
        PRAGMA user_version = 1;
        CREATE TABLE boot(
            id TEXT PRIMARY KEY, plant TEXT NOT NULL, time INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE alarm_event(
            seq INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL REFERENCES boot, time INTEGER NOT NULL,
            source INTEGER NOT NULL, effective INTEGER NOT NULL, alarm TEXT NOT NULL, tag TEXT, occ INTEGER NOT NULL,
            rev INTEGER NOT NULL, what TEXT NOT NULL, state TEXT, level TEXT, priority TEXT, value REAL, unit TEXT,
            limit_value REAL, quality TEXT, annunciated INTEGER NOT NULL CHECK(annunciated IN (0, 1)),
            during_outage INTEGER NOT NULL CHECK(during_outage IN (0, 1)), text TEXT NOT NULL, guidance TEXT,
            response_s INTEGER, who TEXT
        ) STRICT;
        CREATE INDEX alarm_event_alarm ON alarm_event(alarm, seq);
        CREATE INDEX alarm_event_time ON alarm_event(time);
        CREATE TABLE alarm_state(
            alarm TEXT PRIMARY KEY, state TEXT NOT NULL CHECK(json_valid(state))
        ) STRICT;
        CREATE TABLE sink(name TEXT PRIMARY KEY, acked_seq INTEGER NOT NULL) STRICT;
        CREATE TABLE audit(
            id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, boot TEXT NOT NULL REFERENCES boot,
            who TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, before TEXT, after TEXT, why TEXT
        ) STRICT;
        CREATE TABLE grdb_migrations(identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1 alarms');
        INSERT INTO boot VALUES ('b0', 'KMP', 1000);
        INSERT INTO alarm_event VALUES
            (41, 'b0', 2001, 2000, 2000, 'hot', 'F-01.melt_temp', 3, 1, 'raise', 'UNACK', 'high_high', 'critical',
                1502.3, 'degC', 1500.0, 'good', 1, 0, 'hot', 'Cut power', 120, NULL),
            (42, 'b0', 3001, 3000, 3000, 'hot', 'F-01.melt_temp', 3, 1, 'ack', 'ACKED', 'high_high', 'critical',
                1502.3, 'degC', 1500.0, 'good', 0, 0, 'seen', 'Cut power', 120, 'kim');
        INSERT INTO sink VALUES ('floor', 42);
        INSERT INTO audit(time, boot, who, what, subject, after) VALUES (3000, 'b0', 'kim', 'ack', 'hot@3.1', 'ACKED');
        INSERT INTO alarm_state VALUES ('hot', '{"acknowledged":true,"condition":true,"evidence":{"lastGood":3000,
            "qualityCode":0,"unconfirmed":false,"value":1502.3,"verdict":true,"level":"high_high"},
            "latched":false,"level":"high_high","occurrence":3,"raisedAt":2000,"raisedValue":1502.3,"revision":1,
            "topLevel":"high_high"}');
        """

    /// What version 2 added, as it did.
    private static let version2 = """
        PRAGMA user_version = 2;
        CREATE TABLE alarm_definition(
            alarm TEXT NOT NULL, revision INTEGER NOT NULL, time INTEGER NOT NULL, boot TEXT NOT NULL REFERENCES boot,
            definition TEXT NOT NULL CHECK(json_valid(definition)), PRIMARY KEY(alarm, revision)
        ) STRICT;
        ALTER TABLE alarm_event ADD COLUMN definition INTEGER;
        ALTER TABLE alarm_event ADD COLUMN figure REAL;
        ALTER TABLE alarm_event ADD COLUMN first_out TEXT;
        ALTER TABLE alarm_event ADD COLUMN told TEXT;
        ALTER TABLE alarm_event ADD COLUMN until INTEGER;
        ALTER TABLE alarm_event ADD COLUMN detail TEXT;
        ALTER TABLE alarm_event ADD COLUMN why TEXT;
        ALTER TABLE alarm_event ADD COLUMN cause TEXT;
        ALTER TABLE alarm_event ADD COLUMN consequence TEXT;
        ALTER TABLE alarm_event ADD COLUMN class TEXT;
        ALTER TABLE alarm_event ADD COLUMN after_scan TEXT;
        DROP INDEX alarm_event_alarm;
        CREATE INDEX alarm_event_alarm ON alarm_event(alarm, effective);
        CREATE INDEX alarm_event_effective ON alarm_event(effective);
        ALTER TABLE audit ADD COLUMN answer TEXT;
        CREATE TABLE heat(
            id INTEGER PRIMARY KEY AUTOINCREMENT, controller TEXT NOT NULL, heat TEXT NOT NULL, product TEXT,
            began INTEGER NOT NULL, ended INTEGER, who TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX heat_current ON heat(controller) WHERE ended IS NULL;
        CREATE INDEX heat_began ON heat(began);
        INSERT INTO grdb_migrations VALUES ('2 definitions');
        INSERT INTO heat(controller, heat, product, began, who) VALUES ('F-01', 'H1', 'Nd', 1500, 'kim');
        INSERT INTO alarm_definition VALUES ('hot', 1, 1000, 'b0', '{}');
        """

    /// What version 3 added, as it did.
    private static let version3 = """
        PRAGMA user_version = 3;
        CREATE TABLE delivery(
            seq INTEGER NOT NULL REFERENCES alarm_event, sink TEXT NOT NULL, committed INTEGER, written INTEGER,
            acked INTEGER, tries INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK(outcome IN ('delivered', 'refused', 'expired')), reason TEXT,
            PRIMARY KEY(seq, sink)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_dead ON delivery(sink, seq) WHERE outcome <> 'delivered';
        ALTER TABLE alarm_event ADD COLUMN only_to TEXT;
        CREATE TABLE escalation(
            alarm TEXT NOT NULL, policy TEXT NOT NULL, occ INTEGER NOT NULL, step INTEGER NOT NULL,
            called INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY(alarm, policy)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO grdb_migrations VALUES ('3 delivery');
        INSERT INTO delivery VALUES (41, 'floor', 2002, 2003, 2003, 1, 'delivered', NULL);
        """

    private static let kept = [
        AlarmNotice(
            plant: "KMP", boot: "b0", seq: 41, id: "hot", occ: 3, rev: 1, what: "raise", state: "UNACK",
            priority: "critical", tag: "F-01.melt_temp", value: 1502.3, unit: "degC", limit: 1500, level: "high_high",
            quality: "good", sourceTime: 2000, receivedTime: 2001, effectiveTime: 2000, guidance: "Cut power",
            responseSeconds: 120, text: "hot", annunciated: true),
        AlarmNotice(
            plant: "KMP", boot: "b0", seq: 42, id: "hot", occ: 3, rev: 1, what: "ack", state: "ACKED",
            priority: "critical", tag: "F-01.melt_temp", value: 1502.3, unit: "degC", limit: 1500, level: "high_high",
            quality: "good", sourceTime: 3000, receivedTime: 3001, effectiveTime: 3000, guidance: "Cut power",
            responseSeconds: 120, text: "seen", who: "kim"),
    ]

    private func old(_ version: Int = 1) throws -> Scratch {
        let scratch = try Scratch()
        let database = try DatabaseQueue(path: scratch.journal)
        try database.writeWithoutTransaction { connection in
            try connection.execute(sql: MigrationTests.version1)
            if version >= 2 { try connection.execute(sql: MigrationTests.version2) }
            if version >= 3 { try connection.execute(sql: MigrationTests.version3) }
        }
        try database.close()
        return scratch
    }

    @Test(arguments: [1, 2, 3])
    func `every row is kept, and the next event has the next number`(_ version: Int) throws {
        let scratch = try old(version)
        let journal = try scratch.open()
        let listener = try journal.listening()
        #expect(try journal.notices(after: 0, limit: 10) == MigrationTests.kept)
        #expect(try journal.cursors() == ["floor": SinkCursor(sequence: 42)])
        #expect(try journal.definitions().keys.sorted() == (version >= 2 ? ["hot"] : []))
        #expect(try journal.loadHeats().keys.sorted() == (version >= 2 ? ["F-01"] : []))
        #expect(try journal.loadEscalations().isEmpty)
        let record = EscalationRecord(
            alarm: "hot", policy: "urgent", progress: .init(occurrence: 3, step: 1, called: 0, due: 4000))
        var call = AlarmNotice.sample()
        call.onlyTo = ["pager", "manager"]
        (call.topPriority, call.raisedTime, call.notTo) = ("critical", 3500, "horn")
        journal.append(JournalEntry(notices: [call], definitions: ["hot": "{}"], escalations: [record]))
        #expect(listener.wait(for: 1)[0].seq == 43)
        let stored = try journal.notices(after: 42, limit: 1)[0]
        #expect(stored.onlyTo == ["pager", "manager"] && stored.notTo == "horn")
        #expect(stored.topPriority == "critical" && stored.raisedTime == 3500)
        #expect(try journal.deliveries(of: nil, limit: 9).map(\.sequence) == (version == 3 ? [41] : []))
        #expect(try journal.loadEscalations() == [record])
        journal.stop()
        let reader = try JournalReader(path: scratch.journal)
        #expect(
            try reader.audit(limit: 10)
                == [AuditRecord(time: 3000, who: "kim", what: "ack", subject: "hot@3.1", after: "ACKED")])
        #expect(try reader.lastEvents(before: .max).map(\.seq) == [42, 43])
        let found = try scratch.shell().inDatabase { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(found == 6)
        // As AuditChainTests knows it from another tool.
        #expect(try reader.verifyAudit().isSound)
        #expect(
            try reader.verifyAudit().head?.description
                == "1:f70b1611362871b73f3fa99acff8a7e5f670a0a85ec0f98a503d1f5f86a52267")
    }

    @Test(arguments: [1, 2, 3])
    func `an old journal has the tables of a new one`(_ version: Int) throws {
        func schema(_ scratch: Scratch) throws -> [String] {
            try scratch.open().stop()
            return try scratch.shell().inDatabase { database in
                let tables = try String.fetchAll(
                    database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                let columns = try tables.flatMap { table in
                    try database.columns(in: table).map { "\(table).\($0.name) \($0.type) \($0.isNotNull)" }.sorted()
                }
                return try columns
                    + String.fetchAll(
                        database, sql: "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql > '' ORDER BY name")
            }
        }
        let found = try schema(old(version))
        #expect(try found == schema(Scratch()))
        #expect(found.contains("escalation.due INTEGER true") && found.contains("delivery.outcome TEXT true"))
        #expect(found.contains("alarm_event.only_to TEXT false") && found.contains("alarm_event.not_to TEXT false"))
    }

    @Test(arguments: [1, 2, 3])
    func `a reader reads it as it is, before a daemon has opened it`(_ version: Int) throws {
        let scratch = try old(version)
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.journal))
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.notices(after: 0, limit: 10) == MigrationTests.kept)
        #expect(try reader.lastEvents(before: .max) == [MigrationTests.kept[1]])
        var seen: [Int64] = []
        try reader.events(from: 0, to: 3000, by: .effective) { seen.append($0.seq) }
        #expect(seen == [41])
        #expect(try reader.definitions(at: .max).isEmpty == (version == 1))
        #expect(try (reader.definition(of: "hot", revision: 1) == nil) == (version == 1))
        #expect(try reader.verifyAudit().findings.first?.hasPrefix("it has no links") == true)
        #expect(try reader.heats().isEmpty == (version == 1) && reader.audit(limit: 1).first?.answer == nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.journal)) == before)
    }
}
