// Preconditions that libstdc++ checks (_GLIBCXX_ASSERTIONS): what it printed is nowhere in memory, but made of constants of the code.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "rules/crash_language.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

namespace {

using disasm::Instruction;
using disasm::Operand;

// What the registers hold at the end of a straight line of code, where that is a constant.
std::map<std::string, std::uint64_t, std::less<>> constants_after(const core::Registers& registers, const std::vector<Instruction>& code,
                                                                  std::size_t first) {
    std::map<std::string, std::uint64_t, std::less<>> out;
    for (std::size_t i = first; i < code.size(); ++i) {
        const Instruction& one = code[i];
        std::optional<std::uint64_t> value;
        if (one.operands.size() >= 2 && one.operands[0].kind == Operand::Kind::reg) {
            const Operand& source = one.operands[1];
            if (one.mnemonic == "lea" && source.kind == Operand::Kind::memory) value = source.memory.address;
            if (one.mnemonic == "mov" && source.kind == Operand::Kind::immediate) value = static_cast<std::uint64_t>(source.immediate);
            if (one.mnemonic == "mov" && source.kind == Operand::Kind::reg) {
                auto from = out.find(registers.whole(source.reg));
                if (from != out.end()) value = from->second;
            }
        }
        for (const Operand& operand : one.operands) {
            if (operand.kind == Operand::Kind::reg && operand.write) out.erase(std::string(registers.whole(operand.reg)));
        }
        if (value) out[std::string(registers.whole(one.operands[0].reg))] = *value;
    }
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
    std::vector<Instruction> code = instructions_before(crash, call->address);
    auto values = constants_after(crash.fault.registers, code, straight_line(crash, call->address, code));
    auto text = [&](std::string_view reg) -> std::optional<std::string> {
        auto at = values.find(reg);
        auto found = at == values.end() ? std::nullopt : crash.process.memory.c_string(at->second, 4096);
        return found && !found->empty() && text::printable(*found) == *found ? found : std::nullopt;
    };
    auto file = text("rdi"), condition = text("rcx"), function = text("rdx");
    auto line = values.find("rsi");
    if (!file || !condition || line == values.end()) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_ASSERT, crash);
    builder.signal();
    builder.memory(values.find("rcx")->second, condition->size(),
                   fmt::format("std::__glibcxx_assert_fail is on the stack, called with the condition \"{}\"", *condition));
    builder.memory(values.find("rdi")->second, file->size(), fmt::format("the file \"{}\", line {}", *file, line->second));
    if (function) builder.memory(values.find("rdx")->second, function->size(), fmt::format("the function \"{}\"", *function));
    builder.derived(fmt::format("the call in {} is made with these constants", place_words(crash, call->address)));
    builder.derived("a precondition that libstdc++ checks (_GLIBCXX_ASSERTIONS) did not hold");
    std::string caller = frame_words(crash, behind + 1);
    builder.derived(fmt::format("the library's member was called from {}", caller));
    builder.with("text", fmt::format("{}:{}: '{}', in a call from {}", *file, line->second, *condition, caller)).with("function", caller);
    builder.reject("a signal from outside", "the process sent it to itself");
    builder.help("look at the call in the backtrace: an index, an iterator or an empty container that the library refuses");
    return builder.build();
}

}  // namespace abiscope::rules
