/// The host's SQLite. A host may have it inside itself, as many builds of Python do: the extension must call that one
/// and never one of its own, so it is reached through the table that the host hands over.
#pragma once

// Without the macros that turn `sqlite3_step` into a member of the table: here the functions themselves are defined.
#define SQLITE_CORE 1
#include <sqlite3ext.h>

/// Set when the extension is loaded, before anything else runs.
extern const sqlite3_api_routines *cupel_routines;
