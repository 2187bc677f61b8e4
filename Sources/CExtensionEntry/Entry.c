#include "CExtensionEntry.h"
#include "Routines.h"

/// In Swift, in the module HistoryExtension.
int cupel_register_history_tables(sqlite3 *connection, char **message);

const sqlite3_api_routines *cupel_routines;

/// What the tables call first came with this version: the values of an IN all at once, and the right-hand sides of
/// constraints while a plan is made.
#define CUPEL_OLDEST_SQLITE 3038000

__attribute__((visibility("default")))
int sqlite3_cupel_init(sqlite3 *connection, char **message, const sqlite3_api_routines *routines) {
    if (routines->libversion_number() < CUPEL_OLDEST_SQLITE) {
        *message = routines->mprintf("cupel needs SQLite 3.38 or newer, this is %s", routines->libversion());
        return SQLITE_ERROR;
    }
    // Two copies of SQLite in one process have two sets of routines, and a connection belongs to one of them.
    const sqlite3_api_routines *none = 0;
    if (!__atomic_compare_exchange_n(&cupel_routines, &none, routines, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
        && none != routines) {
        *message = routines->mprintf("cupel is in use by another copy of SQLite in this process");
        return SQLITE_ERROR;
    }
    int code = cupel_register_history_tables(connection, message);
    // The Swift runtime cannot be taken out of a process again.
    return code == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : code;
}
