#include "rules/crash_operand.h"

#include <fmt/format.h>

namespace abiscope::rules {

namespace {

std::uint64_t magnitude(std::uint64_t value) { return value >> 63 != 0 ? 0 - value : value; }

GuiltyPart leads_out(const core::Crash& crash, std::string_view pointer, std::uint64_t place, std::string_view reg,
                     const std::string& what) {
    return {.reg = reg,
            .words = fmt::format("{} is in {}, and {} leads out of it", pointer, crash.process.place_name(place), what),
            .is_pointer = false};
}

std::string index_words(const core::Crash& crash, std::string_view reg, std::uint64_t value, std::uint64_t scale) {
    return fmt::format("the index {} ({}{})", reg, signed_words(as_signed(crash, value)),
                       scale == 1 ? std::string() : fmt::format(" * {}", scale));
}

}  // namespace

bool is_of_thread(const disasm::MemoryOperand& memory) { return memory.segment == "fs" || memory.segment == "gs"; }

std::int64_t as_signed(const core::Crash& crash, std::uint64_t value) {
    return crash.process.wide() ? static_cast<std::int64_t>(value) : static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::string register_words(std::string_view name) { return name.empty() ? "no register" : std::string(name); }

std::string signed_words(std::int64_t value) {
    return value < 0 ? fmt::format("-{}", 0 - static_cast<std::uint64_t>(value)) : fmt::format("{}", value);
}

GuiltyPart guilty_part(const core::Crash& crash, const core::Access& access, const disasm::MemoryOperand& memory) {
    std::string_view base = memory.base.empty() ? memory.index : memory.base;
    GuiltyPart whole{.reg = base, .words = register_words(base) + " holds a wild pointer"};
    if (!access.base || memory.address) return whole;
    const core::Memory& mapped = crash.process.memory;
    bool good_base = mapped.region_at(*access.base) != nullptr;
    auto displacement = static_cast<std::uint64_t>(memory.displacement);
    std::string offset = fmt::format("the offset {}", signed_words(memory.displacement));
    if (!access.index) return good_base && displacement != 0 ? leads_out(crash, base, *access.base, {}, offset) : whole;
    // Where the scale is 1, either register may be the pointer.
    bool good_index = memory.scale == 1 && mapped.region_at(*access.index) != nullptr;
    if (good_base && !good_index) {
        bool by_index = magnitude(static_cast<std::uint64_t>(as_signed(crash, *access.index)) * memory.scale) >= magnitude(displacement);
        return by_index ? leads_out(crash, base, *access.base, memory.index, index_words(crash, memory.index, *access.index, memory.scale))
                        : leads_out(crash, base, *access.base, {}, offset);
    }
    if (good_index && !good_base) return leads_out(crash, memory.index, *access.index, base, index_words(crash, base, *access.base, 1));
    // What is 0, or as small as an index, is the index.
    constexpr std::uint64_t smallest_pointer = 4096;
    if (*access.base < smallest_pointer && *access.index >= smallest_pointer && memory.scale == 1)
        whole = {.reg = memory.index, .words = register_words(memory.index) + " holds a wild pointer"};
    whole.certain = false;
    return whole;
}

}  // namespace abiscope::rules
