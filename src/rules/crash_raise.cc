#include "rules/crash_raise.h"

#include <fmt/format.h>

#include "rules/c_library_names.h"

namespace abiscope::rules {

// Functions that they call have no names in a stripped library; musl's raise() unblocks the signal in one.
std::optional<std::size_t> behind_raise(core::Crash& crash, std::size_t first) {
    constexpr std::size_t most_inner = 3;
    const auto& items = crash.stack.items;
    auto raises = [&](std::size_t index) { return index < items.size() && is_c_function(crash.function(index), raises_signals); };
    auto module_of = [&](std::size_t index) { return crash.process.module_at(items[index].frame.lookup_pc()); };
    std::size_t from = first;
    while (true) {
        while (raises(from)) ++from;
        std::size_t next = from;
        while (next < items.size() && next - from < most_inner && crash.function(next).empty()) ++next;
        if (next == from || !raises(next) || module_of(next) != module_of(from)) break;
        from = next;
    }
    return from > first && from < items.size() ? std::optional(from) : std::nullopt;
}

bool raised_by_caller(core::Crash& crash, std::size_t first) {
    auto from = behind_raise(crash, first);
    if (!from) return false;
    const core::Module* module = crash.process.module_at(crash.stack.items[*from].frame.lookup_pc());
    const core::Module* library = crash.process.module_at(crash.stack.items[*from - 1].frame.lookup_pc());
    return module != nullptr && (module != library || !crash.function(*from).empty());
}

std::string sender_process(std::int32_t pid) {
    return pid == 0 ? std::string("a process outside its container (0)") : fmt::format("process {}", pid);
}

}  // namespace abiscope::rules
