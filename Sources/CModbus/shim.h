// libmodbus as Debian ships it, and the one of its error numbers we must know: a sum of macros, which Swift does not
// import.
#pragma once
#include <modbus.h>

enum { CUPEL_EMBBADDATA = EMBBADDATA };
