/// The entry point of the loadable extension `cupel.so`. SQLite looks for it by this name; nothing else calls it.
#pragma once

#include <sqlite3.h>

struct sqlite3_api_routines;

/// Registers the tables of the history on the connection that loads the extension.
int sqlite3_cupel_init(sqlite3 *connection, char **message, const struct sqlite3_api_routines *routines);
