// What libstdc++, libc++ (_GLIBCXX_ASSERTIONS, _LIBCPP_HARDENING_MODE) and musl's assert() check: what they printed is nowhere in memory,
// but made of constants of the code.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "disasm/x86_values.h"
#include "rules/crash_language.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

namespace {

// The registers at the end of a straight line of code, as far as its constants decide them.
disasm::X86Values values_after(const std::vector<disasm::Instruction>& code, std::size_t first) {
    disasm::X86World world{.lacking = {}, .load = [](std::uint64_t, unsigned) { return disasm::KnownBits{}; }, .stored = {}};
    disasm::X86Values out;
    for (std::size_t i = first; i < code.size(); ++i) out.step(code[i], world);
    return out;
}

// The call that a frame was entered by, and the constants it was made with.
struct ConstantCall {
    std::uint64_t address = 0;
    disasm::X86Values values;

    // What a register points to, without a newline at its end; nothing when it is no text.
    [[nodiscard]] std::optional<std::string> text(const core::Crash& crash, std::string_view reg) const {
        auto at = values.value_of(reg);
        auto found = at ? crash.process.memory.c_string(*at, 4096) : std::nullopt;
        if (found && found->ends_with('\n')) found->pop_back();
        return found && !found->empty() && text::printable(*found) == *found ? found : std::nullopt;
    }
};

std::optional<ConstantCall> call_of(core::Crash& crash, std::size_t frame) {
    if (frame + 1 >= crash.stack.items.size() || crash.process.layout->name != "x86-64") return std::nullopt;
    auto call = call_before(crash, crash.stack.items[frame + 1].frame.pc);
    if (!call) return std::nullopt;
    std::vector<disasm::Instruction> code = instructions_before(crash, call->address);
    return ConstantCall{call->address, values_after(code, straight_line(crash, call->address, code))};
}

}  // namespace

bool is_verbose_abort(std::string_view function) {
    return function.starts_with("_ZNSt") && function.ends_with("22__libcpp_verbose_abortEPKcz");
}

std::optional<Cause> libcxx_assertion(core::Crash& crash, std::size_t behind) {
    constexpr std::size_t most = 16;
    std::size_t frame = 0;
    while (frame < most && frame < crash.stack.items.size() && !is_verbose_abort(crash.function(frame))) ++frame;
    auto call = frame < most ? call_of(crash, frame) : std::nullopt;
    auto format = call ? call->text(crash, "rdi") : std::nullopt;
    if (!format) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_ASSERT, crash);
    builder.signal();
    builder.memory(*call->values.value_of("rdi"), format->size(),
                   fmt::format("std::__libcpp_verbose_abort is on the stack, called with the format \"{}\"", *format));
    std::string words = *format;
    std::size_t place = format->find("%s");
    if (auto argument = place != std::string::npos ? call->text(crash, "rsi") : std::nullopt) {
        builder.memory(*call->values.value_of("rsi"), argument->size(), fmt::format("and with the text \"{}\"", *argument));
        words.replace(place, 2, *argument);
    }
    builder.derived(fmt::format("the call in {} is made with these constants", place_words(crash, call->address)));
    builder.derived("a precondition that libc++ checks (_LIBCPP_HARDENING_MODE) did not hold, or it met an error where exceptions are off");
    std::string caller = frame_words(crash, behind + 1);
    builder.with("text", fmt::format("{}, in a call from {}", words, caller)).with("function", caller);
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("look at the call in the backtrace: an index, an iterator or an empty container that the library refuses");
    return builder.build();
}

std::optional<Cause> musl_assertion(core::Crash& crash) {
    // musl, src/exit/assert.c: (const char* expr, const char* file, int line, const char* func)
    auto frame = crash.find_frame("__assert_fail");
    auto call = frame ? call_of(crash, *frame) : std::nullopt;
    if (!call) return std::nullopt;
    auto condition = call->text(crash, "rdi"), file = call->text(crash, "rsi"), function = call->text(crash, "rcx");
    auto line = call->values.value_of("edx");
    if (!condition || !file || !line) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_ASSERT, crash);
    builder.signal();
    builder.memory(*call->values.value_of("rdi"), condition->size(),
                   fmt::format("__assert_fail is on the stack, called with the condition \"{}\"", *condition));
    builder.memory(*call->values.value_of("rsi"), file->size(), fmt::format("the file \"{}\", line {}", *file, *line));
    if (function) builder.memory(*call->values.value_of("rcx"), function->size(), fmt::format("the function \"{}\"", *function));
    builder.derived(fmt::format("the call in {} is made with these constants", place_words(crash, call->address)));
    builder.with("text", fmt::format("{}:{}: {}", *file, *line, *condition)).with("function", place_words(crash, call->address));
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("the condition in the text did not hold: look at what made it false");
    return builder.build();
}

std::optional<Cause> libstdcxx_assertion(core::Crash& crash, std::size_t behind) {
    // libstdc++, src/c++11/assert_fail.cc: (const char* file, int line, const char* function, const char* condition)
    auto frame = crash.find_frame("_ZSt21__glibcxx_assert_failPKciS0_S0_");
    auto call = frame ? call_of(crash, *frame) : std::nullopt;
    if (!call) return std::nullopt;
    const disasm::X86Values& values = call->values;
    auto text = [&](std::string_view reg) { return call->text(crash, reg); };
    auto file = text("rdi"), condition = text("rcx"), function = text("rdx");
    auto line = values.value_of("esi");
    if (!file || !condition || !line) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_ASSERT, crash);
    builder.signal();
    builder.memory(*values.value_of("rcx"), condition->size(),
                   fmt::format("std::__glibcxx_assert_fail is on the stack, called with the condition \"{}\"", *condition));
    builder.memory(*values.value_of("rdi"), file->size(), fmt::format("the file \"{}\", line {}", *file, *line));
    if (function) builder.memory(*values.value_of("rdx"), function->size(), fmt::format("the function \"{}\"", *function));
    builder.derived(fmt::format("the call in {} is made with these constants", place_words(crash, call->address)));
    builder.derived("a precondition that libstdc++ checks (_GLIBCXX_ASSERTIONS) did not hold");
    std::string caller = frame_words(crash, behind + 1);
    builder.derived(fmt::format("the library's member was called from {}", caller));
    builder.with("text", fmt::format("{}:{}: '{}', in a call from {}", *file, *line, *condition, caller)).with("function", caller);
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("look at the call in the backtrace: an index, an iterator or an empty container that the library refuses");
    return builder.build();
}

}  // namespace abiscope::rules
