#include "CBaseline.h"

#include <sqlite3.h>
#include <stdio.h>

int baseline_query(const char *database, const char *sql, char *text, size_t size) {
    sqlite3 *connection = NULL;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_open_v2(database, &connection, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(connection, 10000);
        code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
    }
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        size_t used = 0;
        text[0] = 0;
        for (int column = 0; column < sqlite3_column_count(statement) && used < size; column++) {
            const unsigned char *value = sqlite3_column_text(statement, column);
            used += snprintf(text + used, size - used, "%s%s", column ? "\t" : "", value ? (const char *)value : "");
        }
    } else {
        snprintf(text, size, "%s", code == SQLITE_DONE ? "no row" : sqlite3_errmsg(connection));
    }
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return code == SQLITE_ROW ? 0 : -1;
}
