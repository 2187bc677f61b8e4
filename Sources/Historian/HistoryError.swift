public import Store

/// Why a history could not be opened, written or read.
public typealias HistoryError = StoreError
