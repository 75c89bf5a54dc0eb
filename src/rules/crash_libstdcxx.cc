// Preconditions that libstdc++ checks (_GLIBCXX_ASSERTIONS): what it printed is nowhere in memory, but made of constants of the code.
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

}  // namespace

std::optional<Cause> libstdcxx_assertion(core::Crash& crash, std::size_t behind) {
    // libstdc++, src/c++11/assert_fail.cc: (const char* file, int line, const char* function, const char* condition)
    auto frame = crash.find_frame("_ZSt21__glibcxx_assert_failPKciS0_S0_");
    if (!frame || *frame + 1 >= crash.stack.items.size() || crash.process.layout->name != "x86-64") return std::nullopt;
    std::uint64_t back = crash.stack.items[*frame + 1].frame.pc;
    auto call = call_before(crash, back);
    if (!call) return std::nullopt;
    std::vector<disasm::Instruction> code = instructions_before(crash, call->address);
    disasm::X86Values values = values_after(code, straight_line(crash, call->address, code));
    auto text = [&](std::string_view reg) -> std::optional<std::string> {
        auto at = values.value_of(reg);
        auto found = at ? crash.process.memory.c_string(*at, 4096) : std::nullopt;
        return found && !found->empty() && text::printable(*found) == *found ? found : std::nullopt;
    };
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
