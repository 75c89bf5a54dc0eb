// GLib, which stops programs with a breakpoint after fatal messages, and with abort() where an assertion fails.
#pragma once

#include <optional>
#include <string>

#include "rules/crash_builder.h"

namespace abiscope::rules {

struct GlibCall {
    std::size_t caller = 0;            // index of the frame that called it
    std::string function;              // of GLib that it called
};
// Nothing where the frame is none of GLib's.
[[nodiscard]] std::optional<GlibCall> called_glib(core::Crash& crash, std::size_t frame);

// g_assert(): `abort` is the index of the frame of abort().
[[nodiscard]] std::optional<Cause> glib_assertion(core::Crash& crash, std::size_t abort);

}  // namespace abiscope::rules
