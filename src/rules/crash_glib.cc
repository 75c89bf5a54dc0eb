// GLib: glib/gmessages.c (_g_log_abort), glib/gtestutils.c (g_assertion_message).
#include "rules/crash_glib.h"

#include <fmt/format.h>

#include "rules/crash_language.h"

namespace abiscope::rules {

namespace {

const core::Module* glib_at(const core::Crash& crash, std::size_t frame) {
    if (frame >= crash.stack.items.size()) return nullptr;
    const core::Module* module = crash.process.module_at(crash.stack.items[frame].frame.lookup_pc());
    return module != nullptr && module->name().starts_with("libglib-") ? module : nullptr;
}

}  // namespace

std::optional<GlibCall> called_glib(core::Crash& crash, std::size_t frame) {
    if (glib_at(crash, frame) == nullptr) return std::nullopt;
    while (glib_at(crash, frame + 1) != nullptr) ++frame;
    std::string function = crash.function(frame);
    return GlibCall{frame + 1, function.empty() ? std::string("a function without a name") : function + "()"};
}

std::optional<Cause> glib_assertion(core::Crash& crash, std::size_t abort) {
    const core::Module* module = glib_at(crash, abort + 1);
    if (module == nullptr) return std::nullopt;
    // The text is kept for those who look at dumps.
    std::uint64_t variable = crash.symbols.dynamic_symbol(*module, "__glib_assert_msg");
    auto address = variable != 0 ? crash.process.memory.word(variable) : std::nullopt;
    auto text = address && *address != 0 ? crash.process.memory.c_string(*address, 4096) : std::nullopt;
    if (!text || text->empty()) return std::nullopt;
    auto call = called_glib(crash, abort + 1);
    CauseBuilder builder(RuleId::CRASH_ASSERT, crash);
    builder.signal().memory(*address, text->size(), fmt::format("__glib_assert_msg: \"{}\"", *text));
    builder.with("text", *text).with("function", frame_words(crash, call ? call->caller : abort + 1));
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("the condition in the text did not hold: look at what made it false");
    return builder.build();
}

}  // namespace abiscope::rules
