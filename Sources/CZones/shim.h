// GLib's reader of the machine's time zones.
#pragma once
#include <glib.h>
