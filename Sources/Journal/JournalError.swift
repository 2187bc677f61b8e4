public import Store

/// Why a journal could not be opened, written or read.
public typealias JournalError = StoreError
