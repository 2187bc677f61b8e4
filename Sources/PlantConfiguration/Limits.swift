/// The bounds of what a configuration may ask for, each with its reason.
enum Limits {
    /// A plant of 10 000 tags takes about 1 MB; a file beyond this was not meant to be a configuration.
    static let fileBytes = 8 << 20
    /// Each doubled key costs one more parse of its file (see `Document`).
    static let doubledKeys = 50
    /// Names that a load looks for behind mistyped ones: each is compared with every name of the plant, and a person
    /// mends the first faults before reading on. 3 000 of them among 3 000 tags took 51 s (measured).
    static let hints = 50
    /// Words that a message lists: with more of them nobody reads on, and a plant may have thousands of controllers.
    static let choices = 50
    /// Names become part of alarm names, SQL rows and journal lines, which people read in one line.
    static let nameLength = 64
    /// Below 10 ms a healthy controller on a healthy network times out; 30 s is the longest a stop may wait.
    static let timeout: ClosedRange<Duration> = .milliseconds(10)...(.seconds(30))
    /// Readings are stamped in milliseconds; a tag read less than daily is not being watched.
    static let period: ClosedRange<Duration> = .milliseconds(1)...(.seconds(86_400))
    /// A heartbeat must be missed at once or not at all in a shift.
    static let heartbeat: ClosedRange<Duration> = .milliseconds(100)...(.seconds(28_800))
    /// What a crash may lose at most.
    static let commitEvery: ClosedRange<Duration> = .milliseconds(10)...(.seconds(60))
    static let commitReadings = 1...1_000_000
    /// Retention is in whole days of practice; an hour is the shortest that makes a trend.
    static let keep: ClosedRange<Duration> = .seconds(3600)...longest
    /// Longer than a shift a delay hides an alarm.
    static let delay: ClosedRange<Duration> = .zero...(.seconds(28_800))
    static let respondWithin: ClosedRange<Duration> = .seconds(1)...(.seconds(7 * 86_400))
    /// How long a program that announces an alarm may run: the next alarm waits behind it.
    static let sinkTimeout: ClosedRange<Duration> = .milliseconds(100)...(.seconds(300))
    /// A server that is mended by the next shift gets what waits; after a month nobody acts on it.
    static let giveUpAfter: ClosedRange<Duration> = .seconds(60)...(.seconds(30 * 86_400))
    /// Below a second a restart of the other end would be an alarm.
    static let alarmAfter: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
    static let rateLines = 1...1000
    static let rateEvery: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
    /// 100 lines of 4 KiB: what receivers take without being told to.
    static let webhookBatch = 1...100
    /// MQTT 5.0 section 1.5.4 allows 65 535 bytes; an alarm's name and the plant's come behind it.
    static let topicBytes = 256
    /// RFC 5321 section 4.5.3.1.8: servers take 100 at least.
    static let mailRecipients = 100
    /// Smaller files are put aside all the time; larger ones no editor opens.
    static let sinkFileBytes = 10_000...10_000_000_000
    static let sinkFiles = 0...1000
    /// Each is looked at for every alarm that is raised, and nobody keeps more of them apart.
    static let escalationPolicies = 50
    /// Names of alarms or tags that a policy is for: with more of them a pattern was meant.
    static let escalationPatterns = 100
    /// Told at the same time: a larger crowd is a list of its own in some sink.
    static let escalationSinks = 16
    /// Beyond the tenth there is nobody left to call.
    static let escalationSteps = 1...10
    static let escalationTimes = 1...100
    /// At once, or within a week: later the alarm is somebody's work, not an emergency.
    static let escalationWait: ClosedRange<Duration> = .zero...(.seconds(7 * 86_400))
    /// Called more often than every ten seconds nobody has the time to answer.
    static let escalationEvery: ClosedRange<Duration> = .seconds(10)...(.seconds(86_400))
    /// A byte of the request: Modbus Messaging Implementation Guide V1.0b, section 4.4.
    static let unit = 0...255
    /// Modbus Application Protocol V1.1b3, section 6.3: 125 registers a request.
    static let registers = 1...125
    static let gap = 0...125
    /// Each address that is tried while a controller is away takes its timeout.
    static let addresses = 8
    /// Longer a pause leaves no room for a scan.
    static let pause: ClosedRange<Duration> = .zero...(.seconds(10))
    /// A PLC that restarts answers within a minute.
    static let connectDelay: ClosedRange<Duration> = .zero...(.seconds(60))
    /// Messaging Implementation Guide V1.0b, section 4.2: 1 to 16 transactions at once.
    static let inFlight = 1...16
    /// A value of a process moves within a month, or it is a constant.
    static let standstill: ClosedRange<Duration> = .milliseconds(100)...(.seconds(30 * 86_400))
    /// Below it a double has no digits left beside a value of a million; above it everything would be one number.
    static let resolution: ClosedRange<Double> = 1e-9...1e6
    /// A figure settles within a second, and one an hour still makes a trend.
    static let diagnostics: ClosedRange<Duration> = .seconds(1)...(.seconds(3600))
    /// A formula is one line that a person checks by eye.
    static let formulaLength = 500
    /// Reading a formula recurs this deep. Terms in a row nest too when it is evaluated; those `formulaLength` bounds.
    static let formulaDepth = 32
    /// Manuals and drivers that a register map may cite.
    static let sources = 16
    /// A tag has some two dozen keys: a table with more columns was not meant to be one of tags.
    static let columns = 64
    /// 100 years: far below the 292 years of `Duration.nanoseconds`.
    static let longest: Duration = .seconds(36_500 * 86_400)
    /// `sockaddr_un.sun_path` is 108 bytes with its NUL on Linux (unix(7)).
    static let socketPathBytes = 107
    /// A slot number travels in 16 bits (`RawReading.slot`).
    static let tagsPerGroup = 65_535
    /// After this many periods without a good sample a running alarm delay starts again.
    static let gapPeriods = 3
    /// A statement is one that a person checks by eye.
    static let logicLength = 1000
    /// Reading and evaluating a statement recurs this deep.
    static let logicDepth = 32
    /// Bits of a whole number that a `Double` holds exactly: a mask is written as one.
    static let bits = 1...(1 << 53)
    /// A detector that looks back keeps every sample of its window in memory: a day of seconds.
    static let windowSamples = 86_400
    /// A trend and a standstill show within a week, or they are no matter for an alarm.
    static let window: ClosedRange<Duration> = .milliseconds(10)...(.seconds(7 * 86_400))
    /// IOOS QARTOD takes 5 points for a slope, and a trend with less than 10 is a guess.
    static let slopeSamples = 5
    static let trendSamples = 10
    /// Sensors of one measurement; more than these are an array, not redundancy.
    static let twins = 1...15
    static let runs = 2...1000
    /// Told again more often, an alarm would hide the others.
    static let reAlarm: ClosedRange<Duration> = .seconds(60)...(.seconds(7 * 86_400))
    /// A week on the shelf is a change of the configuration.
    static let shelve: ClosedRange<Duration> = .seconds(60)...(.seconds(7 * 86_400))
    /// A flood is counted over minutes, and a plant that never ends one has no alarm system.
    static let floodCount = 1...1000
    static let floodWindow: ClosedRange<Duration> = .seconds(10)...(.seconds(86_400))
    static let digest: ClosedRange<Duration> = .seconds(1)...(.seconds(3600))
    /// The changes of an alarm that are remembered.
    static let chatterChanges = 2...100
    static let chatterWindow: ClosedRange<Duration> = .seconds(1)...(.seconds(3600))
    static let massExitWindow: ClosedRange<Duration> = .milliseconds(100)...(.seconds(60))
    static let nelsonRules = 1...8
    /// A double has 15 digits, and no assay is told with more behind the point.
    static let decimals = 0...9
    /// What a centre was found from: one point has no sigma.
    static let centrePoints = 2...1_000_000
    /// Rows of limits for one alarm: products times phases.
    static let limitRows = 500
    /// Below this many alarms a mix of priorities says nothing.
    static let mixedAlarms = 20
    /// Percentage points by which a share may be off the usual 80, 15 and 5.
    static let mixTolerance = 15.0
}
